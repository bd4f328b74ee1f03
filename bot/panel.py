"""What the demo's page shows of the engine: inbox, outbox and due rows, by number and state, never by content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, select

from conference.model.permissions import Action
from storage import due, inbox, outbox, tables

from .bootstrap import Application
from .doors import serves

INBOX_STATES = {tables.PENDING: "待处理", tables.DONE: "已处理", tables.DEAD: "已搁置"}
OUTBOX_STATES = {
    tables.NEW: "待发",
    tables.SENDING: "发送中",
    tables.SENT: "已发",
    tables.UNDELIVERABLE: "送不到",
    tables.WITHDRAWN: "不必发",
}
LANES = ("紧急", "答复", "通知", "汇总")

# The name of each record (conference/model/told.py, handlers/records.py) for those who watch an exercise.
RECORDS = {
    "AcceptanceNoted": "受理登记",
    "AdditionCollected": "补充中",
    "AdditionSent": "补充已提交",
    "ApprovalAsked": "请第二人审批",
    "ApprovalDecided": "审批结果",
    "ApprovalSettled": "审批已了结",
    "ApprovalWaits": "待第二人审批",
    "ButtonStale": "按钮已失效",
    "CancelAsked": "确认取消",
    "ConferencesListed": "选择地区",
    "DeskMenu": "办事首页",
    "DraftDropped": "已取消",
    "DraftErased": "草稿已删除",
    "DraftExpiring": "草稿即将删除",
    "DraftWaits": "草稿待续写",
    "ExportAsked": "名册导出说明",
    "GapsShown": "名册缺口",
    "HelpGiven": "使用说明",
    "IdentityClosed": "身份重新密封",
    "IdentityOpened": "身份开启通报",
    "IdentityShown": "报告人身份",
    "IncidentOpened": "运维告警",
    "LanguageChooser": "选择语言",
    "LanguageChosen": "语言已更换",
    "NothingToCancel": "没有可取消的",
    "OwnReport": "报告进展",
    "OwnReports": "我的报告",
    "PostsHeld": "本人岗位",
    "QuestionAsked": "提问",
    "ReasonAsked": "请写明理由",
    "ReasonDropped": "已停止申请",
    "ReceiptAsked": "请报凭证",
    "Refused": "办不了的说明",
    "ReportAccepted": "受理告知",
    "ReportAddition": "补充通知",
    "ReportAlert": "请值班台受理",
    "ReportEvidence": "报告附件",
    "ReportFiled": "编号与凭证",
    "ReportNumberAsked": "请报编号",
    "ReportPosition": "报告位置",
    "ReportReclaimed": "凭证找回",
    "ReportSeenByOffice": "办公室备案",
    "ReportSheet": "报告详情",
    "ReportTaken": "受理登记",
    "ReportUnaccepted": "逾期未受理",
    "ReportWords": "报告文字",
    "ReportsListed": "最近报告",
    "ReviewShown": "提交前核对",
    "RosterFile": "名册文件",
    "RosterWithheld": "名册未发出",
    "RosterShown": "名册",
    "SomethingWentWrong": "出错告知",
    "StartScreen": "首页",
    "StepPassed": "这步已答过",
    "Submitted": "已提交",
    "UnitShown": "单位岗位",
    "WordsHeld": "先记下的话",
}
DUE_KINDS = {
    "accept_overdue": "催促受理",
    "approval_expired": "审批到期",
    "draft_end": "删除草稿",
    "draft_warning": "草稿删除前提醒",
    "identity_blank": "收回身份显示",
}


class Panel:
    """`show` answers `{sections: [{title, columns, rows, total}], next_due}`, as docs/sandbox.md has it."""

    def __init__(self, application: Application) -> None:
        self._database = application.database

    @serves(Action.WATCH_MACHINE)
    async def show(self, request: web.Request) -> web.Response:
        with self._database.reader.connect() as connection:
            sections = [_inbox(connection), _outbox(connection), _due(connection)]
            earliest = due.earliest(connection)
        return web.json_response({"sections": sections, "next_due": _iso(earliest)})


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _inbox(connection: Connection) -> dict[str, Any]:
    table = tables.inbox
    columns = (table.c.id, table.c.state, table.c.attempts, table.c.received_at)
    rows = connection.execute(select(*columns).order_by(table.c.id.desc()).limit(4)).all()
    return {
        "title": "收件",
        "columns": ["#", "状态", "重试", "收到"],
        "rows": [[row.id, INBOX_STATES[row.state], row.attempts or None, _iso(row.received_at)] for row in rows],
        "total": f"待处理 {inbox.counts(connection)['pending']}",
    }


def _outbox(connection: Connection) -> dict[str, Any]:
    table = tables.outbox
    columns = (table.c.id, table.c.record, table.c.lane, table.c.state, table.c.repeats)
    rows = connection.execute(select(*columns).order_by(table.c.id.desc()).limit(7)).all()
    counted = outbox.counts(connection)
    return {
        "title": "发件",
        "columns": ["#", "内容", "优先", "状态", "重发"],
        "rows": [[r.id, RECORDS.get(r.record, r.record), LANES[r.lane], OUTBOX_STATES[r.state], r.repeats or None] for r in rows],
        "total": f"待发 {counted['new'] + counted['sending']}",
    }


def _due(connection: Connection) -> dict[str, Any]:
    table = tables.due
    query = select(table.c.id, table.c.kind, table.c.data, table.c.due_at).where(tables.is_state(table.c.state, tables.PENDING))
    rows = connection.execute(query.order_by(table.c.due_at, table.c.id).limit(8)).all()
    return {
        "title": "到期提醒",
        "columns": ["#", "事项", "时间"],
        "rows": [[row.id, _what_falls_due(row.kind, row.data), _iso(row.due_at)] for row in rows],
        "total": f"等候 {due.counts(connection)['pending']}",
    }


def _what_falls_due(kind: str, data: dict[str, Any]) -> str:
    words = DUE_KINDS.get(kind, kind)
    return f"{words} · 第{data['step']}次" if "step" in data else words
