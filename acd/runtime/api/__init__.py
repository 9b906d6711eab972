"""The service as the control API needs it: views, requests, tokens and the audit's trail."""
