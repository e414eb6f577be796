"""Static files under names that change with their content, also where a script of ours imports another."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage as Compressed

# Django's patterns for modules, which it applies to every script or none: those of packages name modules that
# only an import map would find.
IMPORTS: Any = Compressed._js_module_import_aggregation_patterns[1]


class StaticStorage(Compressed):
    patterns = (*Compressed.patterns, ("js/*.js", IMPORTS))
