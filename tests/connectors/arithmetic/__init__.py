"""How shops compute their orders by their own documented arithmetic, without any code of the order desk."""
