// SPDX-License-Identifier: Apache-2.0
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Hosting.FrontDoor;

/// <summary>Speaks to what a server answers beside its API: set-up, login, its CA.</summary>
internal sealed class ServerConnection : IDisposable
{
    private const int LongestAnswer = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Uri _server;

    private ServerConnection(HttpClient http, Uri server) => (_http, _server) = (http, server);

    /// <summary>Connects; nothing is sent yet.</summary>
    public static ServerConnection Open(Uri server, TrustPool trust, TimeProvider clock)
    {
        var http = VerifiedHttp.Create(trust, server.Host.Trim('[', ']'), own: null, clock);
        return new(Bounded(http), server);
    }

    /// <summary>The CA of a server that is known by its fingerprint: what is fetched unverified counts only if it fits.</summary>
    /// <exception cref="CommandException">The server cannot be reached, or its CA is another.</exception>
    public static async Task<Certificate> FetchCaAsync(Uri server, string sha256, CancellationToken cancellationToken)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
#pragma warning disable CA5359 // Only the CA is read, and it must have the fingerprint that the user was told.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        using var connection = new ServerConnection(Bounded(new HttpClient(handler)), server);
        try
        {
            var offered = await connection.CasAsync(cancellationToken);
            return offered.FirstOrDefault(ca => ca.Sha256Hex == sha256) ?? throw new CommandException(
                $"--ca-sha256: {server.Host} has another CA ({offered[0].Sha256Hex}). Compare with what the server printed; somebody may be in between.");
        }
        catch (PkiFormatException fault)
        {
            throw new CommandException($"{server} does not tell its CA: {fault.Message}");
        }
    }

    /// <summary>The CAs that the server tells.</summary>
    /// <exception cref="CommandException">The server cannot be reached, or tells none.</exception>
    /// <exception cref="PkiFormatException">What it tells is none.</exception>
    public async Task<IReadOnlyList<Certificate>> CasAsync(CancellationToken cancellationToken) =>
        Certificate.ListFromPem(Encoding.UTF8.GetString(await SendAsync(HttpMethod.Get, "/cacerts", null, null, cancellationToken)));

    /// <summary>Sends a request and reads the JSON of the answer.</summary>
    /// <exception cref="CommandException">The server cannot be reached, or says no.</exception>
    public async Task<JsonObject> AskAsync(HttpMethod method, string path, JsonObject? body, string? token, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(method, path, body, token, cancellationToken);
        try
        {
            return JsonNode.Parse(answer) as JsonObject ?? throw new CommandException($"{_server}{path.TrimStart('/')} answered something else than expected; is it a Sealock server?");
        }
        catch (JsonException)
        {
            throw new CommandException($"{_server}{path.TrimStart('/')} answered something else than expected; is it a Sealock server?");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<byte[]> SendAsync(HttpMethod method, string path, JsonObject? body, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_server, path));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? bytes : throw new CommandException(Refusal((int)answer.StatusCode, bytes));
        }
        catch (HttpRequestException fault)
        {
            var remedy = fault.InnerException is UntrustedServerException ? "; check --server, and say by --ca or --ca-sha256 how it is known" : "";
            throw new CommandException($"{_server} cannot be reached: {fault.InnerException?.Message ?? fault.Message}{remedy}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{_server} did not answer within {Patience.TotalSeconds:0} seconds");
        }
    }

    private static HttpClient Bounded(HttpClient http)
    {
        http.Timeout = Patience;
        http.MaxResponseContentBufferSize = LongestAnswer;
        return http;
    }

    private static string Refusal(int code, byte[] body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject status && status["message"]?.GetValue<string>() is { Length: > 0 } message)
                return message;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not from a Sealock server.
        }

        return $"the server answered {code}";
    }
}
