"""The multistate employer registry: who has employees in several states, and to which one of them it reports.

Employers and their processors call `registrations`, agencies call `agencies`; nothing here knows a page.
"""
