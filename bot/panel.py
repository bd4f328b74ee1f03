"""What the demo's page shows of the engine: inbox, outbox and due rows, by number and state, never by content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.model.permissions import Action
from storage import due, inbox, outbox, tables

from .bootstrap import Application
from .doors import serves
from .ticker import next_moment

INBOX_STATES = {tables.PENDING: "待处理", tables.DONE: "已处理", tables.DEAD: "已搁置"}
OUTBOX_STATES = {
    tables.NEW: "待发",
    tables.SENDING: "发送中",
    tables.SENT: "已发",
    tables.UNDELIVERABLE: "送不到",
    tables.WITHDRAWN: "不必发",
}
LANES = ("紧急", "答复", "通知", "汇总")

# The name of each record (conference/model/told.py, handlers/records) for those who watch an exercise.
RECORDS = {
    "AcceptanceNoted": "受理登记",
    "AdditionCollected": "补充中",
    "AdditionSent": "补充已提交",
    "AnswerKept": "已答复待确认",
    "ApprovalAsked": "请第二人审批",
    "ApprovalDecided": "审批结果",
    "ApprovalSettled": "审批已了结",
    "ApprovalWaits": "待第二人审批",
    "AssignmentFile": "交办材料",
    "AssignmentSent": "交办办理结果",
    "AssignmentTold": "交办事项",
    "AssignmentTraced": "办理过程",
    "AssignmentsListed": "交办事项列表",
    "AttendanceNoted": "参会回执登记",
    "BindingsEnded": "账号已解绑",
    "Blanked": "消息已清除",
    "BodiesShown": "选择岗位类别",
    "BodyPlaces": "选择岗位所在地",
    "ButtonStale": "按钮已失效",
    "CalendarEnds": "工作日历将尽",
    "CancelAsked": "确认取消",
    "CodeAsked": "请输邀请码",
    "ConferencesListed": "选择地区",
    "ConvenersListed": "召集人委托",
    "DeskMenu": "办事首页",
    "Digest": "催办汇总",
    "DraftDropped": "已取消",
    "DraftErased": "草稿已删除",
    "DraftExpiring": "草稿即将删除",
    "DraftWaits": "草稿待续写",
    "DutiesListed": "职责清单",
    "DutiesOpened": "新到职责",
    "DutiesToReview": "待审职责报告",
    "DutyEnded": "值班结束",
    "DutyPlanned": "值班已排",
    "DutyPlanning": "排定值班",
    "DutyRowsListed": "文件职责条目",
    "DutyShown": "值班情况",
    "EndAsked": "确认终止",
    "ExportAsked": "名册导出说明",
    "GapsShown": "名册缺口",
    "GuestCalled": "列席邀请",
    "GuestInvited": "列席链接",
    "HandoverAsked": "请核对交接",
    "HandoverCancelled": "交接已取消",
    "HandoverDone": "交接完成",
    "HandoverEndAsked": "确认取消交接",
    "HandoverShown": "交接情况",
    "HandoversListed": "交接清单",
    "HelpGiven": "使用说明",
    "HolderToChoose": "选择离任人",
    "IdentityClosed": "身份重新密封",
    "IdentityOpened": "身份开启通报",
    "IdentityShown": "报告人身份",
    "IncidentOpened": "运维告警",
    "InvitationAnswered": "请确认任岗",
    "InvitationDecided": "邀请结果",
    "InvitationDeclined": "邀请已谢绝",
    "InvitationEnded": "邀请已终止",
    "InvitationIssued": "邀请链接与码",
    "InvitationPicture": "邀请二维码",
    "InvitationShown": "邀请任岗",
    "InvitationUseless": "邀请无效",
    "InvitationsListed": "待办邀请",
    "InvitePosts": "选择岗位",
    "InviteUnits": "选择单位",
    "LanguageChooser": "选择语言",
    "LanguageChosen": "语言已更换",
    "MechanismDue": "机制设立提醒",
    "MechanismShown": "机制设立情况",
    "MeetingCalled": "会议通知",
    "MeetingCancelled": "会议取消",
    "MeetingInvite": "日历文件",
    "MeetingPaper": "会议材料",
    "MeetingSent": "会议通知已发",
    "MeetingTally": "回执汇总",
    "MeetingsListed": "会议安排",
    "NameAsked": "请写姓名",
    "NoticeBoard": "通知签收情况",
    "NoticeDecided": "通知审批结果",
    "NoticeMade": "通知已发",
    "NoticePaper": "通知附件",
    "NoticePreviewed": "通知预览",
    "NoticeRecalled": "通知已撤回",
    "NoticeSent": "通知",
    "NoticeShown": "通知正文",
    "NoticeToApprove": "通知待审批",
    "NoticeUnreached": "通知未送达",
    "NoticesListed": "通知列表",
    "NothingToCancel": "没有可取消的",
    "NothingToCheck": "无须核对",
    "OccurrenceNoted": "职责已登记",
    "OccurrenceProof": "职责佐证",
    "OccurrenceReturned": "职责退回",
    "OccurrenceShown": "职责情况",
    "OccurrenceWaived": "职责免报",
    "OutsiderAsked": "请写单位名称",
    "OutsiderDropped": "已停止邀请",
    "OutsidersShown": "会外单位",
    "OwedShown": "我的待办",
    "OwnReport": "报告进展",
    "OwnReports": "我的报告",
    "PlenaryWindowEnding": "全体会议期限提醒",
    "PostEntered": "任岗告知",
    "PostLeft": "离任告知",
    "PostShown": "岗位情况",
    "PostVacant": "岗位空缺",
    "PostsHeld": "本人岗位",
    "PostsToChoose": "选择岗位",
    "QuestionAsked": "提问",
    "ReasonAsked": "请写明理由",
    "ReasonDropped": "已停止申请",
    "ReceiptAsked": "请报凭证",
    "ReceiptsListed": "通知回执",
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
    "ReportsListed": "最近的报告",
    "ReviewShown": "提交前核对",
    "RosterChangeSaid": "名册变动说明",
    "RosterCheckClosed": "核对结果",
    "RosterCheckShown": "请核对名册",
    "RosterFile": "名册文件",
    "RosterShown": "名册",
    "RosterWithheld": "名册未发出",
    "SomethingWentWrong": "出错告知",
    "StartScreen": "首页",
    "StepPassed": "这步已答过",
    "Submitted": "已提交",
    "SuccessorInvited": "接任人邀请",
    "TenureEnded": "任职已终止",
    "UnitJoined": "新增成员单位",
    "UnitShown": "单位岗位",
    "UnitsToChoose": "选择单位",
    "ComingListed": "参会人员名单",
    "FormWaits": "表单待续",
    "WizardAsked": "填表一步",
    "WizardCancelAsked": "是否放弃填表",
    "WizardDropped": "填表已放弃",
    "WizardPreview": "填表核对",
    "WordsHeld": "先记下的话",
}
DUE_KINDS = {
    "accept_overdue": "催促受理",
    "approval_expired": "审批到期",
    "bindings_swept": "再次清除",
    "calendar_ends": "工作日历查看",
    "digest": "催办汇总",
    "draft_end": "删除草稿",
    "draft_warning": "草稿删除前提醒",
    "duty_windows": "职责到期安排",
    "duty_news": "职责告知",
    "handover_stale": "交接久未完成",
    "identity_blank": "收回身份显示",
    "invitation_expired": "邀请到期",
    "mechanism_due": "机制设立期限提醒",
    "notice_blank": "再次清除撤回的通知",
    "notice_board": "刷新签收情况",
    "nudge": "催办",
    "plenary_watch": "会期查看",
    "plenary_window": "会期提醒",
    "post_vacant": "岗位空缺提醒",
    "roster_check_closes": "名册核对截止",
    "roster_check_opens": "季度名册核对",
    "roster_check_reminds": "催促核对名册",
}


class Panel:
    """`show` answers `{sections: [{title, columns, rows, total}], next_due}`, as docs/sandbox.md has it."""

    def __init__(self, application: Application) -> None:
        self._database = application.database
        self._clock = application.clock

    @serves(Action.WATCH_MACHINE)
    async def show(self, request: web.Request) -> web.Response:
        with self._database.reader.connect() as connection:
            sections = [_inbox(connection), _outbox(connection), _due(connection)]
            moment = next_moment(connection, self._clock.now())
        return web.json_response({"sections": sections, "next_due": _iso(moment)})


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _inbox(connection: Connection) -> dict[str, Any]:
    return {
        "title": "收件",
        "columns": ["#", "状态", "重试", "收到"],
        "rows": [[row.id, INBOX_STATES[row.state], row.attempts or None, _iso(row.received_at)] for row in inbox.latest(connection, 4)],
        "total": f"待处理 {inbox.counts(connection)['pending']}",
    }


def _outbox(connection: Connection) -> dict[str, Any]:
    rows, counted = outbox.latest(connection, 7), outbox.counts(connection)
    return {
        "title": "发件",
        "columns": ["#", "内容", "优先", "状态", "重发"],
        "rows": [[r.id, RECORDS.get(r.record, r.record), LANES[r.lane], OUTBOX_STATES[r.state], r.repeats or None] for r in rows],
        "total": f"待发 {counted['new'] + counted['sending']}",
    }


def _due(connection: Connection) -> dict[str, Any]:
    return {
        "title": "到期提醒",
        "columns": ["#", "事项", "时间"],
        "rows": [[row.id, what_falls_due(row.kind, row.data), _iso(row.due_at)] for row in due.coming(connection, 8)],
        "total": f"等候 {due.counts(connection)['pending']}",
    }


def what_falls_due(kind: str, data: dict[str, Any]) -> str:
    words, step = DUE_KINDS.get(kind, kind), data.get("step")
    return f"{words} · 第{step}次" if isinstance(step, int) else words
