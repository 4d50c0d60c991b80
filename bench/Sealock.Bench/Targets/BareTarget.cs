// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>Kestrel with nothing around it, on the runtime and with the settings that Sealock has.</summary>
internal sealed class BareTarget(string program, string folder, int port) : AnsweringTarget("bare", folder, port)
{
    protected override Daemon Launch(string log) => Daemon.Start(log, program, $"{Port}", Folder);
}
