// SPDX-License-Identifier: Apache-2.0
using Sealock.Commands;
using Sealock.Controllers.Issuance.Reporting;

namespace Sealock.Tests.Commands;

public sealed class CertificatePageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly CertificateReport[] Reports =
    [
        new()
        {
            Namespace = "shop", Name = "web", Ready = "True", Revision = 2, NotAfter = Now.AddDays(80), Next = "renew", NextTime = Now.AddDays(50),
            Cause = "AuthorityReplaced: the CA of Issuer.cert-manager.io/ca was replaced by CN=ca",
        },
        new()
        {
            Namespace = "shop", Name = "a-certificate-with-a-name-that-is-much-longer-than-anybody-would-like-it-to-be", Ready = "False",
            ReadyMessage = "the Secret x does not exist", Next = "retry", NextTime = Now.AddMinutes(12), NextReason = "the Secret x does not exist",
            Issuing = "Failed: the CA does not answer",
        },
        new() { Namespace = "shop", Name = "new", Ready = "False", ReadyMessage = "the Secret y does not exist", Next = "wait", NextReason = "Pending: no issuer" },
        new() { Namespace = "shop", Name = "last", Ready = "True", Next = "none", NextReason = "the certificate ends with its CA", Cause = "Renewing: due" },
    ];

    [Fact]
    public void Each_line_says_why_and_what_comes_next()
    {
        var lines = Lines(int.MaxValue);
        Assert.Matches("^shop +web +True +80 days +renew in 50 days +AuthorityReplaced: the CA of ", lines[1]);
        Assert.Matches("^shop +a-certificate-.*-to-be +False +- +retry in 12 min +Failed: the CA does not answer$", lines[2]);
        Assert.Matches("^shop +new +False +- +wait +Pending: no issuer$", lines[3]);
        Assert.Matches("^shop +last +True +- +none +the certificate ends with its CA$", lines[4]);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public void On_a_narrow_terminal_something_of_each_column_is_seen(int width)
    {
        var lines = Lines(width);
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Contains("renew in 50 days  Authority", lines[1], StringComparison.Ordinal);
        Assert.Contains("retry in 12 min   Failed: the", lines[2], StringComparison.Ordinal);
    }

    private static string[] Lines(int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        CertificatePage.WriteTable(output, Reports, true, Now, new Terminal(width, false));
        return output.ToString().TrimEnd().Split('\n');
    }
}
