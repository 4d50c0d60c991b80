// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Challenges;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>The steps of Orders and Challenges as data.</summary>
public sealed class OrderActionTests
{
    /// <summary>State, URL, authorizations (name:initial state, or ? where unread), challenges (name:state), and what follows.</summary>
    [Theory]
    [InlineData("", "", "", "", "Announce")]
    [InlineData("pending", "", "", "", "Begin")]
    [InlineData("pending", "u", "?", "", "ReadAuthorizations")]
    [InlineData("pending", "u", "a:pending ?", "", "ReadAuthorizations")]
    [InlineData("pending", "u", "a:pending", "", "MakeChallenges")]
    [InlineData("pending", "u", "a:pending b:valid", "", "MakeChallenges")]
    [InlineData("pending", "u", "a:pending b:pending", "a:valid", "MakeChallenges")]
    [InlineData("pending", "u", "a:pending", "a:", "Wait")]
    [InlineData("pending", "u", "a:pending", "a:pending", "Wait")]
    [InlineData("pending", "u", "a:pending b:pending", "a:valid b:pending", "Wait")]
    [InlineData("pending", "u", "a:pending b:pending", "a:valid b:valid", "Settle")]
    [InlineData("pending", "u", "a:valid", "", "Settle")]
    [InlineData("ready", "u", "a:valid", "", "Settle")]
    [InlineData("processing", "u", "a:pending", "a:valid", "Settle")]
    [InlineData("pending", "u", "a:pending b:pending", "a:invalid b:pending", "Fail invalid")]
    [InlineData("pending", "u", "a:pending b:pending", "a:errored b:expired", "Fail errored")]
    [InlineData("pending", "u", "a:pending", "a:expired", "Fail expired")]
    [InlineData("pending", "u", "a:invalid", "", "Fail invalid")]
    [InlineData("pending", "u", "a:expired", "", "Fail expired")]
    [InlineData("valid", "u", "a:pending", "a:valid", "TidyUp")]
    [InlineData("invalid", "u", "a:pending", "a:invalid", "TidyUp")]
    [InlineData("errored", "", "", "", "TidyUp")]
    [InlineData("expired", "u", "?", "", "TidyUp")]
    public void What_follows_is_decided_from_what_is_stored(string state, string url, string authorizations, string challenges, string expected)
    {
        var order = new OrderView
        {
            Status = new()
            {
                State = state,
                Url = url,
                Authorizations = [.. authorizations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text == "?"
                    ? new OrderAuthorizationView { Url = "unread" }
                    : new OrderAuthorizationView { Url = text.Split(':')[0], Identifier = text.Split(':')[0], InitialState = text.Split(':')[1] })],
            },
        };
        var known = challenges.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(text => text.Split(':')[0], text => new ChallengeView { Spec = new() { DnsName = text.Split(':')[0] }, Status = new() { State = text.Split(':')[1] } });
        var action = OrderAction.Decide(order, name => known.GetValueOrDefault(name));
        Assert.Equal(expected, action is OrderAction.Fail fail ? $"Fail {fail.State}" : action.GetType().Name);
    }

    [Theory]
    [InlineData("pending", "", nameof(Settlement.AskAgain))]
    [InlineData("processing", "", nameof(Settlement.AskAgain))]
    [InlineData("valid", "", nameof(Settlement.AskAgain))]
    [InlineData("something new", "", nameof(Settlement.AskAgain))]
    [InlineData("ready", "", nameof(Settlement.Finalize))]
    [InlineData("valid", "https://ca/cert", nameof(Settlement.Download))]
    [InlineData("invalid", "", nameof(Settlement.Failed))]
    [InlineData("revoked", "", nameof(Settlement.Failed))]
    [InlineData("expired", "", nameof(Settlement.Lost))]
    public void What_the_server_says_of_an_order_decides_the_rest(string status, string certificate, string expected) =>
        Assert.Equal(expected, OrderAction.Settled(new AcmeOrder { Status = status, Certificate = certificate }).ToString());

    [Theory]
    [InlineData("valid", "valid", "valid", true)]
    [InlineData("pending", "pending", "pending", false)]
    [InlineData("pending", "processing", "pending", true)]
    [InlineData("pending", "invalid", "invalid", true)]
    [InlineData("invalid", "invalid", "invalid", true)]
    [InlineData("deactivated", "pending", "expired", false)]
    [InlineData("expired", "pending", "expired", false)]
    [InlineData("revoked", "valid", "expired", false)]
    public void What_the_server_says_of_an_authorization_decides_the_challenge(string authorization, string challenge, string state, bool told)
    {
        var verdict = ChallengeVerdict.Of(
            new() { Spec = new() { Url = "u", Type = "HTTP-01" } },
            new()
            {
                Status = authorization,
                Identifier = new("dns", "a.example"),
                Challenges = [new() { Type = "http-01", Url = "u", Status = challenge, Error = challenge == "invalid" ? new() { Detail = "it is wrong" } : null }],
            });
        Assert.Equal((state, told), (verdict.State, verdict.WasTold));
        if (state == "invalid")
            Assert.StartsWith("it is wrong", verdict.Reason, StringComparison.Ordinal);
    }
}
