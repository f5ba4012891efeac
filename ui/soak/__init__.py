"""A long, mixed load on the whole service: customers, people who answer them and curators at once."""
