"""Files of tracking codes: what their rows mean, what is asked about them, and carrying them out as a batch."""
