"""What a mail template may cost: size of its source, work while it is rendered, size of what comes out."""

# The source, in characters.
MAX_SUBJECT_SOURCE = 1_000
MAX_BODY_SOURCE = 64_000
# Parsing takes time quadratic in the length of what one pair of braces encloses.
MAX_EXPRESSION = 4_000
MAX_REPORTED_FAULTS = 10

# Rendering. A long template gets fewer iterations, so that all of it runs at most MAX_STEPS times.
MAX_ITERATIONS = 20_000
MAX_STEPS = 500_000
MAX_FILTER_WORK = 5_000_000
MAX_FILTER_RESULT = 100_000
MAX_VARIABLES_SIZE = 500_000

# The result, in characters.
MAX_OUTPUT = 1_000_000
MAX_SUBJECT = 200
