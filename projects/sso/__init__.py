"""统一身份认证: another system says who somebody is; accounts and rights stay ours.

Nobody gets an account by logging in there. What comes back is a user name, verified, which opens the account
of that name if there is one in use.
"""
