// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Acme.Solvers;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Acme;

/// <summary>Mutated inputs to what strangers send to the ACME client: servers, DNS servers, and whoever comes to port 80.</summary>
public sealed class AcmeFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Any_bytes_end_in_a_message_or_a_format_exception()
    {
        var key = new TsigKey("key.example", "hmac-sha256", "c2VjcmV0");
        var query = DnsMessage.Query(1, "www.example.com", DnsType.Txt, true);
        byte[][] samples =
        [
            query.Write(),
            (query with
            {
                IsResponse = true,
                Answers = [new("www.example.com", DnsType.Txt, 1, 60, DnsRecord.TextData(new string('x', 300))), new("a", DnsType.Caa, 1, 0, "\0\x05issueca.example; a=b"u8.ToArray())],
                Authority = [new("example.com", DnsType.Ns, 1, 60, (byte[])[2, .. "ns"u8, 0xc0, 12])],
            }).Write(),
            Tsig.Sign(key, query.Write(), DateTimeOffset.UnixEpoch).Message,
        ];
        FuzzRun.Bytes<DnsFormatException>(output, "DNS messages", samples, bytes =>
        {
            var message = DnsMessage.Parse(bytes);
            foreach (var record in message.Answers.Concat(message.Authority).Concat(message.Additional))
                _ = record.Text + record.Address + CaaRecord.Read(record.Data.Span);
            Tsig.Refuse(key, [1, 2, 3], bytes, message, DateTimeOffset.UnixEpoch);
            foreach (var question in message.Questions)
                Assert.Equal(question.Name, DnsName.Normalize(question.Name));
            return true;
        });
    }

    [Fact]
    public void Odd_messages_end_in_a_step_or_are_refused()
    {
        JsonObject[] samples =
        [
            Parse("""{"status":"pending","expires":"2026-03-02T00:00:00Z","identifiers":[{"type":"dns","value":"a.example"}],"authorizations":["https://ca.example/authz/0"],"finalize":"https://ca.example/f","error":{"type":"x","detail":"y","status":400,"subproblems":[{"type":"z","identifier":{"type":"dns","value":"a"}}]}}"""),
            Parse("""{"status":"pending","identifier":{"type":"dns","value":"a.example"},"wildcard":true,"challenges":[{"type":"http-01","url":"https://ca.example/c","token":"abc","status":"invalid","error":{"detail":"no"}}]}"""),
        ];
        var mutator = new JsonMutator(FuzzRun.Seed);
        FuzzRun.Inputs<byte[], FormatException>(
            output, "ACME messages", FuzzRun.Iterations(), () => Encoding.UTF8.GetBytes(mutator.Next(samples).ToJsonString()), Encoding.UTF8.GetString, Take);
        FuzzRun.Bytes<FormatException>(output, "ACME messages as bytes", [.. samples.Select(sample => Encoding.UTF8.GetBytes(sample.ToJsonString()))], Take);

        static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
    }

    [Fact]
    public void Any_request_to_port_80_is_answered_in_one_way() => FuzzRun.Bytes<FormatException>(
        output, "requests to port 80",
        [
            "GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a.example\r\n\r\n"u8.ToArray(),
            "HEAD /a?b=c HTTP/1.0\r\nhost: b.example:80\r\nX: y\r\n\r\n"u8.ToArray(),
        ],
        bytes =>
        {
            var answer = Encoding.ASCII.GetString(PlainHttp.Answer(bytes, path => path.Length > 100 ? null : "body"));
            var head = answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
            Assert.StartsWith("HTTP/1.1 ", head[0], StringComparison.Ordinal);
            Assert.InRange(head.Length, 5, 6);
            Assert.All(head.Skip(1), line => Assert.Matches("^(Content-Type|Content-Length|X-Content-Type-Options|Connection|Location: https|Allow): ?", line.Replace("Location: https://", "Location: https: ", StringComparison.Ordinal)));
            return head[0].EndsWith("200 OK", StringComparison.Ordinal);
        });

    private static bool Take(byte[] bytes)
    {
        var answer = new AcmeAnswer(new("https://ca.example/x"), 400, bytes, null, [], null);
        _ = answer.ToFailure("it").Message;
        _ = answer.Read(AcmeJson.Default.AcmeDirectory)?.Meta.Profiles.Count;
        _ = answer.Read(AcmeJson.Default.AcmeAccountFacts)?.Contact.Count;
        _ = answer.Read(AcmeJson.Default.AcmeRenewalInfo)?.ExplanationURL.Length;
        var order = answer.Read(AcmeJson.Default.AcmeOrder) is { } read ? AcmeClient.Sound(read, "https://ca.example/order/1") : null;
        var authorization = answer.Read(AcmeJson.Default.AcmeAuthorization) is { } found ? AcmeClient.Sound(found, "https://ca.example/authz/0") : null;
        if (authorization is not null)
            _ = ChallengeChoice.Pick(authorization, [ChallengeTypes.Http01]).Reason + authorization.DisplayName;
        return OrderStep.Decide(
            order ?? new AcmeOrder { Status = "pending", Authorizations = ["https://ca.example/authz/0"] },
            authorization is null ? [] : [authorization], new HashSet<string>()) is not null;
    }
}
