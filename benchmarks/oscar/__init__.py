"""django-oscar as its documentation sets it up, in an environment of its own, to be measured beside the order desk."""
