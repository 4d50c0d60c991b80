// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sealock.Commands;

/// <summary><c>sealock version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var output = OutputFormat.Option();
        var command = new ExampleCommand("version", "Show the version of this program and of what it stands on", "sealock version", "sealock version -o json")
        {
            output,
        };
        command.SetAction(result =>
        {
            var facts = new (string Name, string Value)[]
            {
                ("sealock", ProductVersion.Text),
                ("runtime", RuntimeInformation.FrameworkDescription),
                ("tls", SafeEvpPKeyHandle.OpenSslVersion is var version ? $"OpenSSL {(version >> 28) & 0xF}.{(version >> 20) & 0xFF}.{(version >> 4) & 0xFF}" : ""),
                ("platform", RuntimeInformation.RuntimeIdentifier),
            };
            OutputFormat.Write(result.InvocationConfiguration.Output, result.GetValue(output), facts);
        });
        return command;
    }
}
