// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;
using Sealock.Commands;

namespace Sealock.Tests.Cluster.Handshakes;

public sealed class HandshakePageTests
{
    private static readonly HandshakeReport Report = new()
    {
        Endpoint = "a.example.com:6443",
        At = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero),
        Events =
        [
            new()
            {
                At = TimeSpan.FromMilliseconds(12.34),
                Source = HandshakeSource.Wire,
                Step = HandshakeStep.ClientHello,
                Text = "client hello sent",
                Details = [new("groups", ["x25519", "secp256r1", "secp384r1", "secp521r1"]), new("server name (SNI)", "\e[1mx\u202e")],
            },
        ],
        Verdict = [new(JudgementSubject.Name, JudgementOutcome.Failed, "the certificate is for another name", "give the right name")],
    };

    [Fact]
    public void Long_lines_go_on_below_themselves_and_never_exceed_the_terminal()
    {
        var lines = Print(new(66, false));
        Assert.All(lines, line => Assert.True(line.Length <= 66 || line.StartsWith("wire:", StringComparison.Ordinal), line));
        Assert.Contains("   12.3 ms  wire     1  client hello sent", lines);
        Assert.Contains("   12.3 ms  wire     1    groups: x25519, secp256r1, secp384r1,", lines);
        Assert.Contains($"{"",33}secp521r1", lines);
    }

    [Fact]
    public void What_a_stranger_names_cannot_steer_the_terminal()
    {
        var lines = Print(new(int.MaxValue, false));
        Assert.Contains("   12.3 ms  wire     1    server name (SNI): \\u{1b}[1mx\\u{202e}", lines);
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl));
    }

    [Fact]
    public void Colours_only_mark_the_outcome() =>
        Assert.Contains(Print(new(int.MaxValue, true)), line => line.StartsWith("\e[31m  name                FAILED  \e[0mthe certificate", StringComparison.Ordinal));

    private static string[] Print(Terminal terminal)
    {
        var output = new StringWriter { NewLine = "\n" };
        new HandshakePage(output, terminal).Write(Report);
        return output.ToString().Split('\n');
    }
}
