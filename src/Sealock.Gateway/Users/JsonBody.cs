// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.Users;

/// <summary>Small JSON bodies of requests that do not belong to the API.</summary>
internal static class JsonBody
{
    private const int Depth = 8;

    /// <summary>Reads a body of at most <paramref name="limit"/> bytes.</summary>
    /// <exception cref="ApiException">413, or 400: it is no JSON object, or has a field twice.</exception>
    public static async ValueTask<JsonObject> ReadAsync(GatewayExchange exchange, int limit)
    {
        var body = await RequestBody.ReadAsync(exchange, limit);
        try
        {
            var read = JsonReading.ReadObject(body.Span, new JsonLimits(limit, Depth));
            if (read.DuplicateFields.Count == 0)
                return read.Object;
        }
        catch (MalformedObjectException)
        {
            // Its message may quote the body, in which passwords stand.
        }

        throw ApiException.BadRequest("the body must be a JSON object");
    }

    /// <summary>Answers with a JSON object.</summary>
    public static ValueTask WriteAsync(GatewayExchange exchange, int status, JsonObject answer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            answer.WriteTo(writer);
        buffer.Write("\n"u8);
        exchange.Http.Response.Headers.CacheControl = "no-store";
        return Answers.WriteTextAsync(exchange.Http, status, "application/json", buffer.WrittenMemory, exchange.Cancellation);
    }
}
