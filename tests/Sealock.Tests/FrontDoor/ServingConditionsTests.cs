// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Hosting.FrontDoor;
using Sealock.Hosting.Telemetry;
using Sealock.Pki.Certificates;

namespace Sealock.Tests.FrontDoor;

public sealed class ServingConditionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IPEndPoint Endpoint = new(IPAddress.Loopback, 6443);
    private static readonly Certificate Leaf = ServingPair.Issue(ServingPair.Authority("ca", Now), Now, TimeSpan.FromDays(30), null, "a.example").Leaf;

    public static TheoryData<string?, string?, string?, string, string, string> States() => new()
    {
        { null, null, null, "True", "Accepted", $"CN=a.example, valid until 2026-03-31 11:55:00Z, SHA-256 {Leaf.Sha256Hex}, from Secret default/web" },
        { null, null, "it has expired", "False", "Faulty", "it is served, since there is no better one: it has expired" },
        { null, "it has expired", null, "False", "Refused", "the certificate before it goes on: it has expired" },
        { "there is none", "it has expired", null, "False", "NoSecret", "there is none" },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void What_was_given_is_accepted_or_it_is_told_why_not(
        string? absence, string? refusal, string? fault, string status, string reason, string message) => Assert.Equal(
        new ServingCondition("CertificateAccepted", status, reason, message),
        ServingConditions.Acceptance(absence, refusal, fault, Leaf, "Secret default/web"));

    [Fact]
    public void Nothing_is_said_of_what_is_served_before_a_handshake_showed_it() =>
        Assert.Null(ServingConditions.Proven(new Dictionary<ProofQuestion, ProofResult>()));

    [Fact]
    public void One_port_or_name_that_shows_something_else_tells_on_all()
    {
        var described = $"CN=a.example, valid until 2026-03-31 11:55:00Z, SHA-256 {Leaf.Sha256Hex}";
        var results = new Dictionary<ProofQuestion, ProofResult>
        {
            [new(Endpoint, "")] = new(Proof.Served, Leaf, ""),
            [new(Endpoint, "a.example")] = new(Proof.Served, Leaf, ""),
        };
        Assert.Equal(
            new ServingCondition("CertificateServed", "True", "SeenServed", $"127.0.0.1:6443, 127.0.0.1:6443 (a.example): {described}"),
            ServingConditions.Proven(results));
        results[new(Endpoint, "b.example")] = new(Proof.Unknown, Leaf, "refused");
        Assert.Equal(
            new ServingCondition("CertificateServed", "Unknown", "NoHandshake", "127.0.0.1:6443 (b.example): refused"),
            ServingConditions.Proven(results));
        results[new(Endpoint, "c.example")] = new(Proof.Other, Leaf, "the one of CN=x");
        Assert.Equal(
            new ServingCondition("CertificateServed", "False", "RenewedButNotServed", $"127.0.0.1:6443 (c.example): shows the one of CN=x and not {described}"),
            ServingConditions.Proven(results));
    }

    [Fact]
    public void What_has_not_changed_is_not_written_and_the_time_is_that_of_the_status()
    {
        var first = ServingConditions.Merge(null, [new("CertificateServed", "True", "SeenServed", "one"), new("CertificateAccepted", "True", "Accepted", "one")], Now);
        Assert.Equal(["CertificateAccepted", "CertificateServed"], first!.Select(one => one!["type"]!.GetValue<string>()));
        Assert.Null(ServingConditions.Merge(first, [new("CertificateServed", "True", "SeenServed", "one")], Now.AddHours(1)));
        var second = ServingConditions.Merge(first, [new("CertificateServed", "True", "SeenServed", "two")], Now.AddHours(1));
        Assert.Equal("two 2026-03-01T12:00:00Z", Served(second));
        var third = ServingConditions.Merge(second, [new("CertificateServed", "Unknown", "NoHandshake", "three")], Now.AddHours(2));
        Assert.Equal("three 2026-03-01T14:00:00Z", Served(third));
        Assert.Equal(2, third!.Count);
    }

    private static string Served(JsonArray? conditions)
    {
        var served = conditions!.Single(one => one!["type"]!.GetValue<string>() == "CertificateServed")!;
        return $"{served["message"]} {served["lastTransitionTime"]}";
    }
}
