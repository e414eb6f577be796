"""System checks of the configuration: what is well-formed but cannot work, or is not safe.

What is not well-formed ends the process earlier, under E001, E007 to E013 and E015: see `env.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from hvcollege import pdf_engine

PDF_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"

Apps = Sequence[AppConfig] | None


@register(Tags.security)
def secret_key_is_private(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    file = settings.DATA_DIR / "secret_key"
    if not file.exists() or not file.stat().st_mode & 0o077:
        return []
    return [
        Error(
            f"密钥文件 {file} 可被其他用户读取。",
            hint=f"运行 chmod 600 {file}；如已泄露，删除该文件后重启，系统会生成新的密钥。",
            id="hvcollege.E002",
        )
    ]


@register(Tags.security)
def hosts_are_named(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """`*` lets a forged Host header into links in letters and pages."""
    if not settings.HTTPS or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "HTTPS 已开启，但 ALLOWED_HOSTS 为 *。",
            hint="把 ALLOWED_HOSTS 设为本站域名，多个域名用英文逗号隔开。",
            id="hvcollege.E003",
        )
    ]


@register(Tags.security)
def debug_is_off_in_public(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if not (settings.HTTPS and settings.DEBUG):
        return []
    return [
        Error(
            "DEBUG 与 HTTPS 同时开启：出错页会把设置和数据显示给访问者。",
            hint="正式环境删除 DEBUG；在本机开发时删除 HTTPS。",
            id="hvcollege.E004",
        )
    ]


@register(Tags.security, deploy=True)
def public_hosts_are_set(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if set(settings.ALLOWED_HOSTS) - set(settings.LOCAL_HOSTS):
        return []
    return [
        Warning(
            "ALLOWED_HOSTS 只含本机地址，其他电脑无法访问。",
            hint="把 ALLOWED_HOSTS 设为本站域名。",
            id="hvcollege.W001",
        )
    ]


@register(Tags.security)
def single_sign_on_can_work(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if not settings.OIDC or find_spec("authlib"):
        return []
    return [
        Error(
            "设了 OIDC_ISSUER，但没有安装 Authlib，统一身份认证不能用。",
            hint="运行 .venv/bin/pip install --require-hashes -r requirements-sso.txt，或删除 OIDC_ISSUER。",
            id="hvcollege.E020",
        )
    ]


@register("jobs")
def job_handlers_exist(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    return [fault for kind, path in settings.JOB_HANDLERS.items() for fault in _handler_faults(kind, path)]


def _handler_faults(kind: str, path: str) -> list[CheckMessage]:
    try:
        if callable(import_string(path)):
            return []
        fault = "不是函数"
    except ImportError as error:
        fault = str(error)
    return [Error(f"后台任务 {kind} 的处理函数 {path} 无法使用：{fault}。", id="hvcollege.E005")]


@register("pdf", deploy=True)
def chinese_comes_out_of_the_pdf_engine(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """At server start (`check --deploy --tag pdf`), not with every command: it takes a second."""
    proof = pdf_engine.prove()
    if not proof.is_readable:
        return [
            Error(
                f"PDF 引擎输出不了中文：应读出“{pdf_engine.SAMPLE}”，实际读出“{proof.text}”。{proof.fault}",
                hint=f"安装系统库和中文字体后重试：apt-get install {PDF_PACKAGES}",
                id="hvcollege.E006",
            )
        ]
    if not proof.subsets_fast:
        return [
            Warning(
                "缺少 HarfBuzz 子集库，生成 PDF 要慢 8 倍。",
                hint="安装后重启：apt-get install libharfbuzz-subset0",
                id="hvcollege.W002",
            )
        ]
    return []
