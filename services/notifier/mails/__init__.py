"""Writes mails in the reader's language, and sends them over SMTP.

In come news of a job; out go messages as text and HTML, and what the mail server said. It imports the contract alone.
"""
