"""Writes mails in the reader's language, and sends them over SMTP.

In come news of a job; out go messages as text and HTML, and an error of the mail server. It imports the contract alone.
"""
