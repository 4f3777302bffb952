"""The engines that run compiled rules. Each is independent of the others; all give the same findings."""
