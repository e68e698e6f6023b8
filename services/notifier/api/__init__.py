"""The HTTP of the notifier: a module per resource puts its routes on `service.routes`."""
