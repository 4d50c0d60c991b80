// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Sealock.Api.Objects;

namespace Sealock.Api.Client;

/// <summary>
/// A resource as the client addresses it, and the read-only view into which its objects are read. A view is never
/// written back: what a controller changes, it patches.
/// </summary>
/// <typeparam name="T">The view.</typeparam>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Plural">Plural resource name.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
/// <param name="View">How objects are read.</param>
public sealed record ResourceType<T>(
    string Group, string Version, string Plural, bool Namespaced, JsonTypeInfo<T> View)
    where T : class
{
    /// <summary>The path of one object or, without a name, of the collection; no namespace means all of them.</summary>
    internal string PathOf(string @namespace, string name = "", string subresource = "")
    {
        var path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (Namespaced && @namespace.Length > 0)
            path += "/namespaces/" + Uri.EscapeDataString(@namespace);
        path += "/" + Plural;
        if (name.Length > 0)
            path += "/" + Uri.EscapeDataString(name);
        return subresource.Length > 0 ? $"{path}/{subresource}" : path;
    }
}

/// <summary>
/// A Kubernetes client over any transport. Failed answers are thrown as <see cref="ApiException"/>, what could not be
/// sent as <see cref="HttpRequestException"/>.
/// </summary>
public sealed class ApiClient(IApiTransport transport)
{
    private const int PageSize = 500;
    private const int LongestAnswer = 256 * 1024 * 1024;
    private const int LongestEvent = 8 * 1024 * 1024;

    /// <summary>Reads an object; null where it does not exist.</summary>
    public async Task<T?> FindAsync<T>(
        ResourceType<T> type, string @namespace, string name, CancellationToken cancellationToken)
        where T : class
    {
        using var answer = await transport.SendAsync(
            "GET", type.PathOf(@namespace, name), default, null, cancellationToken);
        var body = await ReadAllAsync(answer, cancellationToken);
        if (answer.StatusCode == 404 && StatusReader.Read(404, body) is { Details.Name.Length: > 0 })
            return null;
        ThrowIfFailed(answer, body);
        return Read(body, type.View);
    }

    /// <summary>Reads all objects of a namespace, or of all namespaces, in pages of one revision.</summary>
    public async Task<ObjectList<T>> ListAsync<T>(
        ResourceType<T> type, string @namespace, ListQuery? query, CancellationToken cancellationToken)
        where T : class
    {
        query ??= new ListQuery();
        var items = new List<T>();
        var token = "";
        while (true)
        {
            var path = type.PathOf(@namespace) + query.ToQueryString(watch: false, PageSize, token);
            using var answer = await transport.SendAsync("GET", path, default, null, cancellationToken);
            var page = await ReadPageAsync(answer, type.View, items, cancellationToken);
            token = page.Continue;
            if (token.Length == 0)
                return new ObjectList<T>(items, page.ResourceVersion);
        }
    }

    /// <summary>Creates an object.</summary>
    public Task<T> CreateAsync<T>(
        ResourceType<T> type, string @namespace, JsonObject body, CancellationToken cancellationToken)
        where T : class => WriteAsync(
            "POST", type.PathOf(@namespace), body, "application/json", type.View, cancellationToken);

    /// <summary>Replaces an object, or one subresource of it.</summary>
    public Task<T> UpdateAsync<T>(
        ResourceType<T> type,
        string @namespace,
        string name,
        JsonObject body,
        string subresource,
        CancellationToken cancellationToken)
        where T : class => WriteAsync(
            "PUT", type.PathOf(@namespace, name, subresource), body, "application/json", type.View, cancellationToken);

    /// <summary>Replaces an object.</summary>
    public Task<T> UpdateAsync<T>(
        ResourceType<T> type, string @namespace, string name, JsonObject body, CancellationToken cancellationToken)
        where T : class => UpdateAsync(type, @namespace, name, body, "", cancellationToken);

    /// <summary>Patches an object, or one subresource of it.</summary>
    public Task<T> PatchAsync<T>(
        ResourceType<T> type,
        string @namespace,
        string name,
        JsonNode patch,
        PatchKind kind = PatchKind.Merge,
        string subresource = "",
        CancellationToken cancellationToken = default)
        where T : class => WriteAsync(
            "PATCH",
            type.PathOf(@namespace, name, subresource),
            patch,
            MediaTypeOf(kind),
            type.View,
            cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <exception cref="ApiException">404 where it does not exist; 409 where a precondition does not hold.</exception>
    public async Task DeleteAsync<T>(
        ResourceType<T> type,
        string @namespace,
        string name,
        DeletePreconditions? preconditions,
        CancellationToken cancellationToken)
        where T : class
    {
        var body = preconditions is null ? default : Bytes(OptionsOf(preconditions));
        using var answer = await transport.SendAsync(
            "DELETE", type.PathOf(@namespace, name), body, body.IsEmpty ? null : "application/json", cancellationToken);
        ThrowIfFailed(answer, await ReadAllAsync(answer, cancellationToken));
    }

    /// <summary>
    /// Sends an object to a subresource that acts (<c>serviceaccounts/token</c>) and reads the answer as what it is.
    /// </summary>
    public Task<TAnswer> CreateOnAsync<T, TAnswer>(
        ResourceType<T> type,
        string @namespace,
        string name,
        string subresource,
        JsonObject body,
        JsonTypeInfo<TAnswer> view,
        CancellationToken cancellationToken)
        where T : class
        where TAnswer : class => WriteAsync(
            "POST", type.PathOf(@namespace, name, subresource), body, "application/json", view, cancellationToken);

    /// <summary>Sends any request and returns the answer's whole body.</summary>
    public async Task<ReadOnlyMemory<byte>> SendAsync(
        string method, string pathAndQuery, JsonNode? body, CancellationToken cancellationToken)
    {
        using var answer = await transport.SendAsync(
            method,
            pathAndQuery,
            body is null ? default : Bytes(body),
            body is null ? null : "application/json",
            cancellationToken);
        var bytes = await ReadAllAsync(answer, cancellationToken);
        ThrowIfFailed(answer, bytes);
        return bytes;
    }

    /// <summary>
    /// Follows the changes after <see cref="ListQuery.ResourceVersion"/> until the server ends the watch. An error
    /// event (410 where the version is too old) is thrown.
    /// </summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceType<T> type,
        string @namespace,
        ListQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var path = type.PathOf(@namespace) + query.ToQueryString(watch: true, 0, "");
        using var answer = await transport.SendAsync("GET", path, default, null, cancellationToken);
        if (answer.StatusCode >= 400)
            throw StatusReader.Read(answer.StatusCode, await ReadAllAsync(answer, cancellationToken));
        var reader = PipeReader.Create(answer.Body, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                if (!line.IsEmpty)
                    yield return EventReader.Read(line, type.View);
            }

            if (result.IsCompleted)
            {
                reader.AdvanceTo(buffer.End);
                break;
            }

            if (buffer.Length > LongestEvent)
                throw new HttpRequestException($"an event of the watch is longer than {LongestEvent} bytes");
            reader.AdvanceTo(buffer.Start, buffer.End);
        }

        await reader.CompleteAsync();
    }

    private async Task<TAnswer> WriteAsync<TAnswer>(
        string method,
        string path,
        JsonNode body,
        string contentType,
        JsonTypeInfo<TAnswer> view,
        CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var answer = await transport.SendAsync(method, path, Bytes(body), contentType, cancellationToken);
        var bytes = await ReadAllAsync(answer, cancellationToken);
        ThrowIfFailed(answer, bytes);
        return Read(bytes, view);
    }

    private static T Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> view) => ReadOrFault(
        () => JsonSerializer.Deserialize(body.Span, view) ?? throw new JsonException("null"));

    private static void ThrowIfFailed(TransportResponse answer, ReadOnlyMemory<byte> body)
    {
        if (answer.StatusCode is < 200 or >= 300)
            throw StatusReader.Read(answer.StatusCode, body);
    }

    internal static TResult ReadOrFault<TResult>(Func<TResult> read)
    {
        try
        {
            return read();
        }
        catch (JsonException exception)
        {
            throw new HttpRequestException("the server's answer could not be read: " + exception.Message, exception);
        }
    }

    /// <summary>
    /// Pages are large: read into memory of their own they would stay as garbage among the large objects, which is seldom
    /// collected, and be more than all that is kept of them.
    /// </summary>
    private static async Task<(string ResourceVersion, string Continue)> ReadPageAsync<T>(
        TransportResponse answer, JsonTypeInfo<T> view, List<T> items, CancellationToken cancellationToken)
        where T : class
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var length = 0;
        try
        {
            int read;
            while ((read = await answer.Body.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
            {
                length += read;
                if (length > LongestAnswer)
                    throw new HttpRequestException($"the server's answer is longer than {LongestAnswer} bytes");
                if (length < buffer.Length)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                buffer = larger;
            }

            ThrowIfFailed(answer, buffer.AsMemory(0, length));
            return ListReader.Read(buffer.AsMemory(0, length), view, items);
        }
        finally
        {
            // There may be keys among it.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(
        TransportResponse answer, CancellationToken cancellationToken)
    {
        if (answer.Body is MemoryStream memory && memory.TryGetBuffer(out var whole))
            return whole.AsMemory((int)memory.Position);
        using var collected = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while ((read = await answer.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (collected.Length + read > LongestAnswer)
                    throw new HttpRequestException($"the server's answer is longer than {LongestAnswer} bytes");
                collected.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return collected.GetBuffer().AsMemory(0, (int)collected.Length);
    }

    private static ReadOnlyMemory<byte> Bytes(JsonNode body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        body.WriteTo(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static JsonObject OptionsOf(DeletePreconditions preconditions)
    {
        var conditions = new JsonObject();
        if (preconditions.Uid.Length > 0)
            conditions["uid"] = preconditions.Uid;
        if (preconditions.ResourceVersion.Length > 0)
            conditions["resourceVersion"] = preconditions.ResourceVersion;
        var options = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1" };
        if (conditions.Count > 0)
            options["preconditions"] = conditions;
        if (preconditions.PropagationPolicy.Length > 0)
            options["propagationPolicy"] = preconditions.PropagationPolicy;
        if (preconditions.GracePeriodSeconds is { } seconds)
            options["gracePeriodSeconds"] = seconds;
        return options;
    }

    private static string MediaTypeOf(PatchKind kind) => kind switch
    {
        PatchKind.Json => "application/json-patch+json",
        PatchKind.Strategic => "application/strategic-merge-patch+json",
        _ => "application/merge-patch+json",
    };
}
