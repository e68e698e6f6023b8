"""Pages made from what the code declares: calls, messages, problems, fields and settings, each as Markdown."""
