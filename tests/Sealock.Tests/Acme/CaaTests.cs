// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Dns;
using Sealock.Acme.Messages;

namespace Sealock.Tests.Acme;

public sealed class CaaTests
{
    private static readonly CaaSubject Subject = new()
    {
        Issuers = ["ca.example", "www.ca.example"],
        AccountUrl = "https://ca.example/account/1",
        Methods = [ChallengeTypes.Dns01],
    };

    /// <summary>Records as <c>flag tag value</c>, separated by bars; what they say of a name and of its wildcard.</summary>
    [Theory]
    [InlineData("", true, true)]
    [InlineData("0 iodef mailto:a@example.com", true, true)]
    [InlineData("0 issue ca.example", true, true)]
    [InlineData("0 issue CA.Example", true, true)]
    [InlineData("0 ISSUE ca.example", true, true)]
    [InlineData("0 issue other.example", false, false)]
    [InlineData("0 issue other.example|0 issue ca.example", true, true)]
    [InlineData("0 issue ;", false, false)]
    [InlineData("0 issue ", false, false)]
    [InlineData("0 issue ca.example|0 issuewild ;", true, false)]
    [InlineData("0 issue ;|0 issuewild ca.example", false, true)]
    [InlineData("0 issuewild other.example", true, false)]
    [InlineData("128 issue ca.example", true, true)]
    [InlineData("128 tbs unknown", false, false)]
    [InlineData("0 tbs unknown", true, true)]
    [InlineData("128 tbs unknown|0 issue ca.example", false, false)]
    [InlineData("0 issue ca.example; accounturi=https://ca.example/account/1", true, true)]
    [InlineData("0 issue ca.example; accounturi=https://ca.example/account/2", false, false)]
    [InlineData("0 issue ca.example; accounturi=https://ca.example/account/2|0 issue www.ca.example", true, true)]
    [InlineData("0 issue ca.example; validationmethods=dns-01,http-01", true, true)]
    [InlineData("0 issue ca.example; validationmethods=http-01", false, false)]
    [InlineData("0 issue ca.example;policy=ev", true, true)]
    [InlineData("0 issue ca.example; %%%", false, false)]
    public void Records_allow_or_refuse(string records, bool name, bool wildcard)
    {
        CaaRecord[] set = [.. records.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(text =>
        {
            var words = text.Split(' ', 3);
            var tag = System.Text.Encoding.ASCII.GetBytes(words[1]);
            return CaaRecord.Read([byte.Parse(words[0]), (byte)tag.Length, .. tag, .. System.Text.Encoding.ASCII.GetBytes(words[2])])!;
        })];
        var (plain, wild) = (CaaRules.Judge("example.com", set, false, Subject), CaaRules.Judge("example.com", set, true, Subject));
        Assert.Equal((name, wildcard), (plain.IsAllowed, wild.IsAllowed));
        Assert.Equal(!name, plain.Refusing is not null);
        Assert.Equal(!name, plain.Reason is not null);
    }

    [Fact]
    public void A_refusal_names_the_record_and_the_remedy()
    {
        var verdict = CaaRules.Judge("example.com", [new(false, "issue", "other.example")], false, Subject);
        Assert.Equal(
            "the CAA records of example.com allow 0 issue \"other.example\", not this CA: add 0 issue \"ca.example\" (0 issue \"other.example\")", verdict.Reason);
    }

    [Fact]
    public void What_is_not_known_yet_is_not_judged()
    {
        var subject = new CaaSubject { Issuers = ["ca.example"] };
        Assert.True(CaaRules.Judge(
            "example.com", [new(false, "issue", "ca.example; accounturi=https://x; validationmethods=tls-alpn-01")], false, subject).IsAllowed);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { 0, 5, (byte)'i' })]
    [InlineData(new byte[] { 0, 1, (byte)'-', (byte)'x' })]
    public void A_malformed_record_is_none(byte[] data) => Assert.Null(CaaRecord.Read(data));
}
