"""Files of tracking codes as carriers' systems and spreadsheets write them."""
