"""Who may do what: staff and their roles, sites and their keys, customers and their tokens."""
