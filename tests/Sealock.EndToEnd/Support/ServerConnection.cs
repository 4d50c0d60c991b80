// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;

namespace Sealock.EndToEnd.Support;

/// <summary>What a server answered; the body is null where it is no JSON.</summary>
internal sealed record ServerAnswer(int Status, JsonNode? Body, string Text)
{
    /// <summary>The body, if the request succeeded.</summary>
    public JsonNode Succeeded()
    {
        Assert.True(Status is >= 200 and < 300 && Body is not null, $"{Status}: {Text}");
        return Body!; // asserted above
    }

    /// <summary>The revision that the body names.</summary>
    public long Revision => Succeeded()["metadata"].Revision();
}

/// <summary>The administrator's connections to a server, by the kubeconfig in its data folder.</summary>
internal sealed class ServerConnection : IDisposable
{
    private readonly HttpClient _http;
    private readonly Version _version;

    public ServerConnection(string address, KubeconfigTarget target, Version? version = null)
    {
        _version = version ?? HttpVersion.Version11;
        var user = target.User ?? throw new InvalidOperationException("the kubeconfig names no user");
        var ca = X509Certificate2.CreateFromPem(Text(target.Cluster.CertificateAuthorityData));
        var own = X509Certificate2.CreateFromPem(Text(user.ClientCertificateData), Text(user.ClientKeyData));
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [own],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => own,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { ca },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
            },
        })
        { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>The administrator's entry in a data folder.</summary>
    public static KubeconfigTarget Administrator(string data)
    {
        Assert.True(KubeconfigFiles.Read(Path.Combine(data, "admin.conf")).TryResolve(null, out var target, out var error), error);
        return target;
    }

    public Task<ServerAnswer> GetAsync(string path) => SendAsync("GET", path);

    public async Task<ServerAnswer> SendAsync(
        string method, string path, JsonNode? body = null, string contentType = "application/json")
    {
        using var request = Request(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        return new ServerAnswer((int)response.StatusCode, isJson ? JsonNode.Parse(text) : null, text);
    }

    /// <summary>The lines of a stream as they come; it ends, or fails, where the stream does.</summary>
    public async IAsyncEnumerable<JsonNode> StreamAsync(string path)
    {
        using var request = Request("GET", path);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        if (!response.IsSuccessStatusCode)
        {
            yield return new JsonObject { ["type"] = "ERROR", ["object"] = JsonNode.Parse(await reader.ReadToEndAsync()) };
            yield break;
        }

        while (await reader.ReadLineAsync() is { } line)
            yield return JsonNode.Parse(line) ?? throw new InvalidDataException("null in a stream");
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(string method, string path) =>
        new(new HttpMethod(method), path) { Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static string Text(IEnumerable<byte> data) => Encoding.ASCII.GetString([.. data]);
}

/// <summary>Short ways into objects.</summary>
internal static class ObjectJson
{
    public static string Name(this JsonNode? @object) => @object?["metadata"]?["name"]?.GetValue<string>() ?? "";

    /// <summary>The revision that an object's or list's metadata names.</summary>
    public static long Revision(this JsonNode? metadata) =>
        long.Parse(metadata?["resourceVersion"]?.GetValue<string>() ?? "", System.Globalization.CultureInfo.InvariantCulture);
}
