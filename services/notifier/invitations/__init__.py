"""Sends letters to the clients of a firm: invitations to the portal, and questionnaires.

In come sendings from the store, which say who was asked for; out go mails, and what became of them back into the store.
`judging` decides who gets a letter and `links` signs what it links to; both know neither store nor worker. `choosing`
reads the contacts of a sending, some at a time, and `sending` brings all together in a thread of the worker.
"""
