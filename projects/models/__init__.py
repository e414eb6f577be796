"""Models of the lowest app, by noun."""

from projects.models.completion import Entry, ExtraAchievement, Reviewed, ReviewLog, State
from projects.models.evidence import Evidence, EvidenceUse, PointEvidence, StoredFile
from projects.models.job import Job
from projects.models.organisation import (
    Department,
    Institution,
    Membership,
    ProfessionalGroup,
    Role,
    User,
)
from projects.models.plan import (
    YEARS,
    Level,
    Owned,
    Project,
    ReportingWindow,
    Task,
    TaskPoint,
    WindowKind,
    point_code,
)

__all__ = [
    "YEARS",
    "Department",
    "Entry",
    "Evidence",
    "EvidenceUse",
    "ExtraAchievement",
    "Institution",
    "Job",
    "Level",
    "Membership",
    "Owned",
    "PointEvidence",
    "ProfessionalGroup",
    "Project",
    "ReportingWindow",
    "ReviewLog",
    "Reviewed",
    "Role",
    "State",
    "StoredFile",
    "Task",
    "TaskPoint",
    "User",
    "WindowKind",
    "point_code",
]
