"""A decimal that is exact in SQLite and PostgreSQL alike.

SQLite keeps decimals as binary floats, so sums drift. This field stores the number times 10⁶ as a
64-bit integer and hands out `Decimal`, also for `Sum(...)` over the column.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models

PLACES = 6
SCALE = 10**PLACES
LIMIT = Decimal(2**63 - 1) / SCALE


class ExactDecimalField(models.Field):
    """Quantity, ratio, percent, mark or 万元 with up to six decimals."""

    description = "Exact decimal with up to six decimal places"
    default_error_messages = {
        "invalid": "“%(value)s”不是数字。",
        "places": "“%(value)s”的小数超过 6 位。",
        "range": "“%(value)s”太大。",
    }

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise self._invalid("invalid", value) from None

    def get_prep_value(self, value: Any) -> int | None:
        value = self.to_python(super().get_prep_value(value))
        if value is None:
            return None
        if not value.is_finite():
            raise self._invalid("invalid", value)
        if abs(value) > LIMIT:
            raise self._invalid("range", value)
        scaled = value.scaleb(PLACES)
        if scaled != scaled.to_integral_value():
            raise self._invalid("places", value)
        return int(scaled)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        if value is None:
            return None
        whole, rest = divmod(int(value), SCALE)
        return Decimal(int(value)).scaleb(-PLACES).normalize() if rest else Decimal(whole)

    def clean(self, value: Any, model_instance: models.Model | None) -> Decimal | None:
        cleaned: Decimal | None = super().clean(value, model_instance)
        self.get_prep_value(cleaned)
        return cleaned

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": forms.DecimalField, "decimal_places": PLACES, **kwargs})

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else format(value, "f")

    def _invalid(self, code: str, value: object) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params={"value": value})


not_negative = validators.MinValueValidator(Decimal(0), message="不能为负数。")
