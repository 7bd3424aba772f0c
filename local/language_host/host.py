"""The LanguageRuntime service: what the engine asks of Python, and when.

The protocol is Pulumi's `language.proto` (https://pulumi-developer-docs.readthedocs.io/stable/docs/README.html). The
calls that are refused are in `unserved.py`.
"""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, plugin_pb2

from local.language_host.children import Children
from local.language_host.packages import program_dependencies, required_packages
from local.language_host.plugin import run_plugin
from local.language_host.program import run_program
from local.language_host.unserved import UnservedCalls


class LanguageHost(UnservedCalls):
    """One host process's service. The engine calls it from several threads at once.

    Args:
        engine: The engine's address, from the command line.
        children: Where programs and plugins are kept; the process closes it when it ends.
    """

    def __init__(self, engine: str, children: Children) -> None:
        self._engine = engine
        self._children = children

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, _context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Learn the engine's address; called first, but only by an engine that attaches to a running host."""
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, _request: empty_pb2.Empty, _context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Tell the SDK's version as the host's own; called with GetRequiredPackages, for the list of plugins in use."""
        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def GetRequiredPackages(
        self, _request: language_pb2.GetRequiredPackagesRequest, _context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """List the provider plugins that the installed SDKs need; called before a program runs, to have them ready."""
        return language_pb2.GetRequiredPackagesResponse(packages=required_packages())

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Run a program to its end; called once for each preview and each update."""
        return run_program(request, self._engine, self._children, context)

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack or a provider; called for each `--policy-pack`, and for plugins that are Python sources."""
        return run_plugin(request, self._children, context)

    def Cancel(self, _request: empty_pb2.Empty, _context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Interrupt what runs; called when the user stops an operation."""
        self._children.interrupt_all()
        return empty_pb2.Empty()

    def About(self, _request: language_pb2.AboutRequest, _context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Tell which Python runs programs; called by `pulumi about`."""
        return language_pb2.AboutResponse(
            executable=sys.executable,
            version=platform.python_version(),
            metadata={"environment": sys.prefix, "host": "local.language_host"},
        )

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, _context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List the installed packages; called by `pulumi about`."""
        found = program_dependencies(transitive=request.transitiveDependencies)
        return language_pb2.GetProgramDependenciesResponse(dependencies=found)

    def InstallDependencies(
        self, _request: language_pb2.InstallDependenciesRequest, _context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install nothing and say so: the project's set-up does it; called by `pulumi install` and `new`."""
        words = f"Programs run in {sys.prefix}, which the project's set-up fills: nothing to install.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=words.encode())

    def RuntimeOptionsPrompts(
        self, _request: language_pb2.RuntimeOptionsRequest, _context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Ask nothing more: the environment is given; called by `pulumi new`."""
        return language_pb2.RuntimeOptionsResponse()

    def Template(
        self, _request: language_pb2.TemplateRequest, _context: grpc.ServicerContext
    ) -> language_pb2.TemplateResponse:
        """Leave a new project as its template has it; called by `pulumi new`."""
        return language_pb2.TemplateResponse()
