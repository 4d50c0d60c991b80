// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Durability;

/// <summary>A client that asks for certificates, approves its own requests, waits until they are signed, and deletes old ones.</summary>
internal sealed class RequestWriter(int number, Tally tally)
{
    public const string Path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    private const int Kept = 6;

    private static readonly string Pem = NewRequest();

    private readonly List<Known> _requests = [];
    private int _count;

    /// <summary>Asks for certificates until the connection breaks, or it is told not to go on.</summary>
    public async Task RunAsync(ServerConnection server, Func<bool>? goOn = null)
    {
        while (goOn?.Invoke() ?? true)
        {
            await ObtainAsync(server, $"kill-{number}-{++_count}");
            while (_requests.Count > Kept)
                await DeleteAsync(server, _requests[0]);
        }
    }

    /// <summary>Compares everything with what is there, and waits until what is approved has its certificate.</summary>
    public async Task SettleAsync(ServerConnection server)
    {
        foreach (var known in _requests.ToList())
        {
            var answer = await server.GetAsync($"{Path}/{known.Name}");
            if (answer.Status == 404)
            {
                Assert.True(!known.Created || known.Deleting, $"{known.Name} was acknowledged and is lost");
                _requests.Remove(known);
                tally.Settled(known.Deleting);
                continue;
            }

            var found = answer.Succeeded();
            Assert.Equal(Convert.ToBase64String(Encoding.ASCII.GetBytes(Pem)), found["spec"]?["request"]?.GetValue<string>());
            var isApproved = found["status"]?["conditions"] is JsonArray conditions
                && conditions.Any(condition => condition?["type"]?.GetValue<string>() == "Approved");
            Assert.True(isApproved || !known.Approved, $"{known.Name}: the approval was acknowledged and is lost");
            if (!known.Created || known.Approving || known.Deleting)
                tally.Settled(!known.Deleting && (!known.Approving || isApproved));
            (known.Created, known.Approved, known.Approving, known.Deleting) = (true, isApproved, false, false);
            var certificate = found["status"]?["certificate"]?.GetValue<string>();
            Assert.True(known.Certificate is null || known.Certificate == certificate, $"{known.Name}: the certificate changed");
            if (isApproved)
                await IssuedAsync(server, known);
        }
    }

    public static JsonObject NewBody(string name) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["signerName"] = "kubernetes.io/kube-apiserver-client",
            ["usages"] = new JsonArray("client auth"),
            ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(Pem)),
        },
    };

    private static string NewRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=jane", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    private async Task ObtainAsync(ServerConnection server, string name)
    {
        var known = new Known(name);
        _requests.Add(known);
        var created = await server.SendAsync("POST", Path, NewBody(name));
        tally.Created(created.Revision);
        known.Created = true;
        var body = created.Succeeded();
        body["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Approved", ["status"] = "True", ["reason"] = "Test" }),
        };
        known.Approving = true;
        tally.Updated((await server.SendAsync("PUT", $"{Path}/{name}/approval", body)).Revision);
        (known.Approved, known.Approving) = (true, false);
        await IssuedAsync(server, known);
    }

    private async Task IssuedAsync(ServerConnection server, Known known)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (known.Certificate is null)
        {
            var found = (await server.GetAsync($"{Path}/{known.Name}")).Succeeded();
            known.Certificate = found["status"]?["certificate"]?.GetValue<string>();
            Assert.True(TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(60), $"{known.Name} is not signed: {found.ToJsonString()}");
            if (known.Certificate is null)
                await Task.Delay(5, CancellationToken.None);
            else
                tally.Issued();
        }
    }

    private async Task DeleteAsync(ServerConnection server, Known known)
    {
        known.Deleting = true;
        (await server.SendAsync("DELETE", $"{Path}/{known.Name}")).Succeeded();
        _requests.Remove(known);
        tally.Deleted();
    }

    private sealed class Known(string name)
    {
        public string Name { get; } = name;

        public bool Created { get; set; }

        public bool Approving { get; set; }

        public bool Approved { get; set; }

        public bool Deleting { get; set; }

        public string? Certificate { get; set; }
    }
}
