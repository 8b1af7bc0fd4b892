"""Business days: Monday to Friday without the federal holidays. Days are those of UTC."""

from datetime import date, datetime, timedelta

from exchange.holidays import SATURDAY, is_holiday


def is_one(day: date) -> bool:
    """Whether a day is a business day."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def after(moment: datetime, days: int) -> datetime:
    """The same hour that many business days later."""
    while days:
        moment += timedelta(days=1)
        days -= is_one(moment.date())
    return moment
