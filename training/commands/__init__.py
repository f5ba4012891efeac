"""One module for each group of commands: ``add_to`` declares them, and each names the function that runs it."""
