"""Rules on the language of policies: what is written is read, fits, and means what it says."""

from policies.language.absence import SOUND_WITHOUT_KEYS
from policies.language.cancelled import NO_CANCELLED_GRANT
from policies.language.conditions import CONDITIONS_CAN_HOLD
from policies.language.forms import WELL_FORMED
from policies.language.quotas import WITHIN_QUOTAS

LANGUAGE_RULES = (WELL_FORMED, WITHIN_QUOTAS, CONDITIONS_CAN_HOLD, SOUND_WITHOUT_KEYS, NO_CANCELLED_GRANT)
