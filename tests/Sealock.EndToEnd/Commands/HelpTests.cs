// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData]
    [InlineData("up")]
    [InlineData("server")]
    [InlineData("controller")]
    [InlineData("kubeconfig")]
    [InlineData("setup")]
    [InlineData("setup", "move")]
    [InlineData("setup", "status")]
    [InlineData("user")]
    [InlineData("user", "create")]
    [InlineData("user", "disable")]
    [InlineData("login")]
    [InlineData("logout")]
    [InlineData("token")]
    [InlineData("csr")]
    [InlineData("csr", "create")]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("encryption")]
    [InlineData("encryption", "list")]
    [InlineData("encryption", "rotate")]
    [InlineData("pki", "flags")]
    [InlineData("handshake")]
    [InlineData("inspect")]
    [InlineData("completion")]
    [InlineData("version")]
    public async Task Help_starts_with_examples(params string[] command)
    {
        var output = (await Tool.RunAsync(SealockProcess.Program, [.. command, "--help"])).SucceededQuietly();
        Assert.StartsWith("Examples:\n  sealock", output.Replace("systemctl stop sealock && ", "", StringComparison.Ordinal)
            .Replace("source <(sealock", "sealock", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
