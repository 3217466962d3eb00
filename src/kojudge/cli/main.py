"""``kojudge``: the command group, its languages and its exit codes.

0 ok · 1 a gate failed · 2 usage or configuration · 3 finished with incomplete items ·
4 model or backend unavailable · 130 interrupted.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from kojudge import __version__
from kojudge.cli.session import Session, language_of
from kojudge.cli.usage import explain_usage, next_step
from kojudge.errors import KojudgeError, Said, did_you_mean, said

COMMANDS: dict[str, Said] = {
    "init": said("시작용 작업 공간을 만듭니다", "write the starter workspace"),
    "demo": said("작은 모델로 처음부터 끝까지 돌려 봅니다", "the main job on small local models"),
    "plan": said(
        "메모리, 작업량, 필요한 프롬프트 수를 미리 봅니다",
        "does it fit, how much work, how many prompts",
    ),
    "models": said("모델 카드를 보고, 확인하고, 내려받습니다", "list, check and pull models"),
    "generate": said("후보 모델이 글을 씁니다", "candidates write the texts"),
    "score": said("심사 모델이 점수를 매깁니다", "the judge scores them"),
    "label": said("사람이 글을 견주는 화면을 엽니다", "the blind labelling page for people"),
    "report": said("통계와 보고서를 만듭니다", "statistics and the report"),
    "publish": said("보고서를 정적 사이트로 발행합니다", "reports as a static site"),
    "import": said("가진 글·판정·라벨을 들여옵니다", "bring your own texts, judgments, labels"),
    "export": said("글·판정·라벨·결과를 내보냅니다", "give them back, and the results as tables"),
    "compact": said("실행 폴더의 조각 파일을 합칩니다", "merge a run's part files"),
    "rubric": said(
        "루브릭을 살피고, 심사 모델이 읽는 그대로 보고, 견줍니다",
        "lint, render and compare rubrics",
    ),
    "judge": said(
        "심사 모델을 보고, 작은 심사 모델을 학습합니다",
        "heads learned from a strong judge or people",
    ),
    "audit": said("심사 모델을 검증합니다", "the judge's certificate"),
    "diagnose": said("글의 띄어쓰기, 번역투, 말높이를 살핍니다", "Korean evidence for one text"),
    "doctor": said("설치와 환경을 점검합니다", "what is installed, reachable, wrong"),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"kojudge.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a command, or say which one was meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            language = language_of(ctx.params.get("lang"))
            meant = did_you_mean(args[0], COMMANDS).in_(language)
            unknown = said(f"'{args[0]}' 명령이 없습니다.", f"No command '{args[0]}'.")
            raise click.UsageError(f"{unknown.in_(language)} {meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        language = language_of(ctx.params.get("lang"))
        with formatter.section("Commands"):
            formatter.write_dl([(name, text.in_(language)) for name, text in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kojudge")
@click.option(
    "-C",
    "--workspace",
    type=click.Path(path_type=Path),
    help="작업 공간 폴더 · the workspace (default: here or above)",
)
@click.option("--profile", help="kojudge.toml의 프로필 · a [profiles.NAME] of kojudge.toml")
@click.option(
    "--lang",
    type=click.Choice(["ko", "en"]),
    is_eager=True,
    help="메시지 언어 · language of messages (default: LANG)",
)
@click.pass_context
def cli(
    context: click.Context, workspace: Path | None, profile: str | None, lang: str | None
) -> None:
    """한국어 글쓰기 품질 평가 · an LLM-as-judge evaluator of Korean writing quality."""
    context.obj = Session(workspace, profile, language_of(lang))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the command line on ``arguments`` and return the exit code."""
    language = language_of(_asked_language(arguments))
    try:
        code = cli.main(arguments, prog_name="kojudge", standalone_mode=False)
    except KojudgeError as error:
        _complain(error.message.in_(language), error.hint.in_(language) if error.hint else "")
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        _complain(explain_usage(error).in_(language), next_step(error).in_(language))
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        again = shlex.join(["kojudge", *arguments])
        _complain(
            said("중단했습니다. 지금까지의 결과는 저장되어 있습니다.",
                 "Interrupted; what was finished is saved.").in_(language),
            said(f"이어서 하려면: {again}", f"To resume: {again}").in_(language),
        )  # fmt: skip
        return 130
    return code if isinstance(code, int) else 0


def _asked_language(arguments: Sequence[str]) -> str | None:
    for at, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
    return None


def _complain(message: str, hint: str) -> None:
    color = False if os.environ.get("NO_COLOR") else None
    click.secho(f"✗ {message}", fg="red", err=True, color=color)
    if hint:
        click.echo(f"  → {hint}", err=True)
