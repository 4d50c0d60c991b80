// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;

namespace Sealock.Tests.Acme;

public sealed class OrderStepTests
{
    private static readonly AcmeProblem Forbidden = new() { Type = AcmeProblem.Prefix + "unauthorized", Detail = "wrong answer" };

    /// <summary>The order's state; the states of its two authorizations, with + where told already, or none where unread; what to do.</summary>
    [Theory]
    [InlineData("pending", "", "ReadAuthorizations")]
    [InlineData("pending", "pending", "ReadAuthorizations")]
    [InlineData("pending", "pending pending", "Answer a.example, *.b.example")]
    [InlineData("pending", "valid pending", "Answer *.b.example")]
    [InlineData("pending", "pending+ pending", "Answer *.b.example")]
    [InlineData("pending", "pending+ pending+", "Wait the validation of a.example, *.b.example")]
    [InlineData("pending", "processing pending+", "Wait the validation of a.example, *.b.example")]
    [InlineData("pending", "valid valid", "Wait the order to become ready")]
    [InlineData("pending", "valid invalid", "GiveUp *.b.example: wrong answer (unauthorized) (http-01)")]
    [InlineData("pending", "expired valid", "GiveUp a.example: its authorization is expired")]
    [InlineData("ready", "", "Finalize")]
    [InlineData("processing", "", "Wait the certificate")]
    [InlineData("valid", "", "Download https://ca.example/cert/1")]
    [InlineData("invalid", "", "GiveUp the order is invalid, and the server does not say why")]
    [InlineData("invalid", "invalid valid", "GiveUp a.example: wrong answer (unauthorized) (http-01)")]
    [InlineData("confused", "", "Wait an order in the state 'confused'")]
    public void The_next_step_follows_from_what_the_server_says(string state, string authorizations, string expected)
    {
        var order = new AcmeOrder
        {
            Status = state,
            Authorizations = ["https://ca.example/authz/0", "https://ca.example/authz/1"],
            Certificate = state == "valid" ? "https://ca.example/cert/1" : "",
        };
        var words = authorizations.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var read = words.Select((word, i) => Authorization(i, word.TrimEnd('+'))).ToList();
        var told = read.Where((_, i) => words[i].EndsWith('+')).Select(authorization => authorization.Url).ToHashSet();
        Assert.Equal(expected, OrderStep.Decide(order, read, told) switch
        {
            OrderStep.Answer answer => $"Answer {string.Join(", ", answer.Pending.Select(authorization => authorization.DisplayName))}",
            OrderStep.Wait wait => $"Wait {wait.For}",
            OrderStep.Download download => $"Download {download.Url}",
            OrderStep.GiveUp over => $"GiveUp {over.Reason}",
            var step => step.GetType().Name,
        });
    }

    [Fact]
    public void An_order_that_failed_by_itself_is_told_in_the_servers_words() => Assert.Equal(
        "wrong answer (unauthorized)",
        Assert.IsType<OrderStep.GiveUp>(OrderStep.Decide(new() { Status = "invalid", Error = Forbidden }, [], new HashSet<string>())).Reason);

    [Theory]
    [InlineData("http-01", "http-01")]
    [InlineData("dns-01 http-01", "dns-01")]
    [InlineData("tls-alpn-01 http-01", "http-01")]
    public void The_most_wanted_challenge_that_is_offered_is_taken(string types, string expected) =>
        Assert.Equal(expected, ChallengeChoice.Pick(Authorization(0, "pending"), types.Split(' ')).Challenge?.Type);

    [Theory]
    [InlineData("http-01", "tok/../en", "is not base64url")]
    [InlineData("http-01", "", "is not base64url")]
    [InlineData("tls-alpn-01", "token", "a.example: the server offers http-01, dns-01, and set up here: tls-alpn-01")]
    [InlineData("", "token", "nothing is set up here")]
    public void Where_no_challenge_fits_the_reason_is_told(string types, string token, string expected)
    {
        var authorization = Authorization(0, "pending");
        authorization = authorization with { Challenges = [.. authorization.Challenges.Select(challenge => challenge with { Token = token })] };
        var choice = ChallengeChoice.Pick(authorization, types.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, choice.Reason, StringComparison.Ordinal);
    }

    private static AcmeAuthorization Authorization(int index, string state) => new()
    {
        Url = $"https://ca.example/authz/{index}",
        Status = state,
        Identifier = new(AcmeIdentifier.Dns, index == 0 ? "a.example" : "b.example"),
        Wildcard = index == 1,
        Challenges =
        [
            new() { Type = "http-01", Url = "https://ca.example/c/1", Token = "token", Error = state == "invalid" ? Forbidden : null },
            new() { Type = "dns-01", Url = "https://ca.example/c/2", Token = "token" },
        ],
    };
}
