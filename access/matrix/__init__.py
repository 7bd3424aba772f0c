"""Who may do what, coming from where: the questions, the answers, and the answers that are meant."""
