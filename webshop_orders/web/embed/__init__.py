"""The order desk in a frame of another admin."""
