"""The page on which officers say when they are away and who stands in for them, and pass on what they hold before they go.

On the top floor, because it shows duties: what is kept is `portal.people.going_away`, and a pass is `reporting.passing`.
"""
