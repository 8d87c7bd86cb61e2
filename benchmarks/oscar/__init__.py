"""django-oscar, set up as its documentation describes, in its own environment, for comparison with the order desk."""
