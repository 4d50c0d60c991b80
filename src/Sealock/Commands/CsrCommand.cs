// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Objects;
using Sealock.Hosting;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.Commands;

/// <summary><c>sealock csr create</c>: key, request, object, approval, certificate, in one go. The key never leaves this machine.</summary>
internal static class CsrCommand
{
    private const string Client = "kubernetes.io/kube-apiserver-client";

    private static readonly ResourceType<JsonObject> Requests = new(
        "certificates.k8s.io", "v1", "certificatesigningrequests", false, CsrJson.Default.JsonObject);

    private static readonly Argument<string> Name = new("name") { Description = "name of the CertificateSigningRequest" };
    private static readonly Option<string> CommonName = new("--cn") { Description = "common name: the user's name (default: the request's)", HelpName = "NAME" };
    private static readonly Option<string[]> Groups = new("--group") { Description = "organization: a group of the user; repeatable", HelpName = "NAME" };
    private static readonly Option<string[]> Names = new("--san") { Description = "DNS name or IP address in the certificate; repeatable", HelpName = "NAME" };
    private static readonly Option<string> Signer = new("--signer") { Description = "signerName", HelpName = "NAME", DefaultValueFactory = _ => Client };
    private static readonly Option<string[]> Usages = new("--usage") { Description = "key usage (default: digital signature, client auth); repeatable", HelpName = "USAGE" };
    private static readonly Option<string> Lifetime = new("--lifetime") { Description = "wanted lifetime, such as 24h (default: the signer's)", HelpName = "TIME" };
    private static readonly Option<bool> Approve = new("--approve") { Description = "approve it as well, with your own rights" };
    private static readonly Option<string> Wait = new("--wait") { Description = "how long to wait for the certificate", HelpName = "TIME", DefaultValueFactory = _ => "5m" };
    private static readonly Option<string> Out = new("--out") { Description = "write a kubeconfig instead of NAME.key and NAME.crt", HelpName = "FILE" };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "kubeconfig to connect with (default: $KUBECONFIG or ~/.kube/config)", HelpName = "FILE" };

    public static Command Create()
    {
        var create = new ExampleCommand(
            "create",
            "Make a key, ask for a certificate, wait for it and store it",
            "sealock csr create jane --group developers --approve --out jane.conf",
            "sealock csr create web --cn web --san web.example.com --signer example.com/web --usage 'server auth'")
        {
            Name, CommonName, Groups, Names, Signer, Usages, Lifetime, Approve, Wait, Out, Kubeconfig,
        };
        create.SetAction(RunAsync);
        return new ExampleCommand(
            "csr", "Certificate signing requests", "sealock csr create jane --group developers --approve --out jane.conf") { create };
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var (body, key, wait) = Prepare(result);
        using (key)
        {
            var name = result.GetRequiredValue(Name);
            var clock = TimeProvider.System;
            using var cluster = RemoteCluster.Open(result.GetValue(Kubeconfig), null, clock);
            RefuseToOverwrite(result, name);
            try
            {
                await cluster.Client.CreateAsync(Requests, "", body, cancellationToken);
                if (result.GetValue(Approve))
                    await ApproveAsync(cluster.Client, name, cancellationToken);
                else
                    Console.Error.WriteLine($"waiting for approval: kubectl certificate approve {name}");
                var certificate = await WaitAsync(cluster.Client, name, wait, clock, cancellationToken);
                Store(result, name, certificate, key, cluster);
                return 0;
            }
            catch (ApiException error)
            {
                throw new CommandException(error.Message);
            }
            catch (HttpRequestException error)
            {
                throw cluster.Unreachable(error);
            }
        }
    }

    private static (JsonObject Body, KeyPair Key, TimeSpan Wait) Prepare(ParseResult result)
    {
        var mistakes = new List<string>();
        var name = result.GetRequiredValue(Name);
        var usages = result.GetValue(Usages) is { Length: > 0 } given ? given : ["digital signature", "client auth"];
        mistakes.AddRange(usages.Where(usage => !CertificateUsages.IsKnown(usage))
            .Select(usage => $"--usage: \"{usage}\" is no usage; there are: {string.Join(", ", CertificateUsages.KnownNames)}"));
        var lifetime = TimeSpan.Zero;
        if (result.GetValue(Lifetime) is { } text && (!GoDuration.TryParse(text, out lifetime) || lifetime < TimeSpan.FromMinutes(10)))
            mistakes.Add("--lifetime: give at least 10m, such as 24h");
        if (!GoDuration.TryParse(result.GetRequiredValue(Wait), out var wait) || wait <= TimeSpan.Zero)
            mistakes.Add("--wait: give a time such as 5m");
        var hosts = SubjectAlternativeNames.None;
        try
        {
            hosts = SubjectAlternativeNames.ForHosts(result.GetValue(Names) ?? []);
        }
        catch (PkiFormatException error)
        {
            mistakes.Add($"--san: {error.Message}");
        }

        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);

        var key = KeyPair.Generate();
        var request = CertificateSigningRequest.Create(
            key, DistinguishedName.Create(result.GetValue(CommonName) ?? name, result.GetValue(Groups) ?? []), hosts);
        var spec = new JsonObject
        {
            ["signerName"] = result.GetRequiredValue(Signer),
            ["usages"] = new JsonArray([.. usages.Select(usage => JsonValue.Create(usage))]),
            ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(request.ToPem())),
        };
        if (lifetime > TimeSpan.Zero)
            spec["expirationSeconds"] = (int)Math.Min(lifetime.TotalSeconds, int.MaxValue);
        var body = new JsonObject
        {
            ["apiVersion"] = "certificates.k8s.io/v1",
            ["kind"] = "CertificateSigningRequest",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = spec,
        };
        return (body, key, wait);
    }

    private static void RefuseToOverwrite(ParseResult result, string name)
    {
        foreach (var file in result.GetValue(Out) is { } kubeconfig ? [kubeconfig] : new[] { name + ".key", name + ".crt" })
        {
            if (Path.Exists(file))
                throw new CommandException($"{file} exists already; move it away first");
        }
    }

    private static async Task ApproveAsync(ApiClient client, string name, CancellationToken cancellationToken)
    {
        var request = await client.FindAsync(Requests, "", name, cancellationToken)
            ?? throw new CommandException($"the request {name} has been deleted");
        var status = request["status"] as JsonObject ?? [];
        request["status"] = status;
        var conditions = status["conditions"] as JsonArray ?? [];
        status["conditions"] = conditions;
        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = "Approved",
            ["status"] = "True",
            ["reason"] = "SealockApprove",
            ["message"] = "This CSR was approved by sealock csr create --approve.",
        });
        await client.UpdateAsync(Requests, "", name, request, "approval", cancellationToken);
    }

    private static async Task<string> WaitAsync(
        ApiClient client, string name, TimeSpan wait, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(wait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                await foreach (var change in client.WatchAsync(
                    Requests, "", new ListQuery { FieldSelector = $"metadata.name={name}" }, either.Token))
                {
                    if (change.Type == WatchEventType.Deleted)
                        throw new CommandException($"the request {name} has been deleted");
                    if (change.Object is { } request && Outcome(name, request) is { } certificate)
                        return certificate;
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new CommandException(
                $"there is no certificate after {wait.TotalSeconds:0} s. Is the request approved, and does somebody sign for its signer? "
                + $"kubectl describe csr {name}");
        }
    }

    /// <summary>The certificate in PEM; null while there is none.</summary>
    private static string? Outcome(string name, JsonObject request)
    {
        foreach (var condition in request["status"]?["conditions"] as JsonArray ?? [])
        {
            var type = condition?["type"]?.GetValue<string>();
            var message = $"{condition?["reason"]?.GetValue<string>()}: {condition?["message"]?.GetValue<string>()}";
            if (type == "Denied")
                throw new CommandException($"the request {name} was denied ({message})");
            if (type == "Failed")
                throw new CommandException($"the request {name} could not be signed ({message})");
        }

        return request["status"]?["certificate"]?.GetValue<string>() is { Length: > 0 } data
            ? Encoding.ASCII.GetString(Convert.FromBase64String(data))
            : null;
    }

    private static void Store(ParseResult result, string name, string certificatePem, KeyPair key, RemoteCluster cluster)
    {
        var output = result.InvocationConfiguration.Output;
        if (result.GetValue(Out) is { } file)
        {
            var user = result.GetValue(CommonName) ?? name;
            KubeconfigCommand.Deliver(
                AdminAccess.Compose(cluster.Target.Cluster.Server, cluster.CaPem, user, new KubeconfigUser
                {
                    Name = user,
                    ClientCertificateData = [.. Encoding.ASCII.GetBytes(certificatePem)],
                    ClientKeyData = [.. Encoding.ASCII.GetBytes(key.ToPkcs8Pem())],
                }),
                file, merge: false, output);
        }
        else
        {
            AtomicFile.Write(name + ".key", Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), AtomicFile.Secret);
            AtomicFile.Write(name + ".crt", Encoding.ASCII.GetBytes(certificatePem), AtomicFile.Public);
            output.WriteLine($"{name}.key, {name}.crt");
        }

        var leaf = Certificate.ListFromPem(certificatePem)[0];
        output.WriteLine($"{leaf.Subject}, valid until {leaf.NotAfter:yyyy-MM-dd HH:mm:ss}Z");
    }
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class CsrJson : JsonSerializerContext;
