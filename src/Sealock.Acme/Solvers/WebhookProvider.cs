// SPDX-License-Identifier: Apache-2.0
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sealock.Acme.Solvers;

/// <summary>What a webhook is sent.</summary>
/// <param name="Action"><c>present</c> or <c>cleanup</c>.</param>
/// <param name="Domain">The name that is validated.</param>
/// <param name="Fqdn">The record's name, with a dot at its end.</param>
/// <param name="Value">The TXT value.</param>
internal sealed record WebhookRequest(string Action, string Domain, string Fqdn, string Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WebhookRequest))]
internal sealed partial class WebhookJson : JsonSerializerContext;

/// <summary>
/// Leaves the change of records to a web service: POST of
/// <c>{"action": "present"|"cleanup", "domain": …, "fqdn": "_acme-challenge.….", "value": …}</c>. Any answer of 2xx means that it
/// is done; of another, the beginning of its text is told.
/// </summary>
/// <param name="url">The service; HTTPS.</param>
/// <param name="http">How it is reached, see <see cref="Client.AcmeHttp.CreateHandler"/>.</param>
/// <param name="clock">The clock.</param>
/// <param name="token">Gives a bearer token; null for none.</param>
/// <param name="limit">How long one call may take; null for a minute.</param>
public sealed class WebhookProvider(Uri url, HttpClient http, TimeProvider clock, Func<string>? token = null, TimeSpan? limit = null) : IDnsProvider
{
    private const int LongestTold = 500;
    private readonly TimeSpan _limit = limit ?? TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public Task<string?> AddAsync(TxtValue value, CancellationToken cancellationToken) => SendAsync("present", value, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> RemoveAsync(TxtValue value, CancellationToken cancellationToken) => SendAsync("cleanup", value, cancellationToken);

    private async Task<string?> SendAsync(string action, TxtValue value, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new(action, value.Domain, value.Name + ".", value.Value), WebhookJson.Default.WebhookRequest);
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            if (response.IsSuccessStatusCode)
                return null;
            using var stream = await response.Content.ReadAsStreamAsync(stop.Token);
            var told = new byte[LongestTold];
            var length = await stream.ReadAtLeastAsync(told, told.Length, throwOnEndOfStream: false, stop.Token);
            var text = Encoding.UTF8.GetString(told, 0, length).ReplaceLineEndings(" ").Trim();
            return $"the webhook {url.Authority} answered {action} of {value.Name} with HTTP status {(int)response.StatusCode}{(text.Length > 0 ? $": {text}" : "")}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"the webhook {url.Authority} did not answer within {_limit.TotalSeconds:0} s";
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return $"the webhook {url.Authority} cannot be reached: {fault.InnerException?.Message ?? fault.Message}";
        }
    }
}
