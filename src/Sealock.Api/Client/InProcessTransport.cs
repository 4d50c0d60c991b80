// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;

namespace Sealock.Api.Client;

/// <summary>
/// Reaches the API server in this process: a request enters where one from the network stands after authentication.
/// </summary>
/// <param name="handler">Authorization, audit and the server behind them.</param>
/// <param name="user">As whom the requests are made.</param>
public sealed class InProcessTransport(ApiHandler handler, UserInfo user) : IApiTransport
{
    /// <inheritdoc/>
    public async Task<TransportResponse> SendAsync(
        string method,
        string pathAndQuery,
        ReadOnlyMemory<byte> body,
        string? contentType,
        CancellationToken cancellationToken)
    {
        try
        {
            var question = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
            var query = question < 0 ? QueryParameters.Empty : QueryParameters.Parse(pathAndQuery.AsSpan(question));
            var info = RequestInfoParser.Parse(method, question < 0 ? pathAndQuery : pathAndQuery[..question], query);
            var request = new ApiRequest
            {
                Info = info,
                User = user,
                Query = query,
                Accept = "application/json",
                ContentType = contentType ?? "",
                UserAgent = "sealock",
                RequestUri = pathAndQuery,
                Body = body,
            };
            var response = await handler(request, cancellationToken);
            return response is BytesResponse { Body: var bytes }
                ? Answer(response.StatusCode, bytes)
                : Stream(response, cancellationToken);
        }
        catch (ApiException failure)
        {
            return Answer(failure.Code, StatusWriter.Failure(failure));
        }
    }

    private static TransportResponse Answer(int statusCode, ReadOnlyMemory<byte> body) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(body, out var segment)
            ? new TransportResponse(
                statusCode,
                new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false, publiclyVisible: true))
            : new TransportResponse(statusCode, new MemoryStream(body.ToArray(), 0, body.Length, false, true));

    private static TransportResponse Stream(ApiResponse response, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = Task.Run(() => WriteAsync(response, pipe.Writer, end.Token), CancellationToken.None);
        return new TransportResponse(response.StatusCode, pipe.Reader.AsStream(), new Ending(end, writing));
    }

    private static async Task WriteAsync(ApiResponse response, PipeWriter output, CancellationToken cancellationToken)
    {
        try
        {
            await response.WriteAsync(output, cancellationToken);
            await output.CompleteAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await output.CompleteAsync(new IOException("the request was cancelled"));
        }
        catch (Exception fault)
        {
            // The reader sees the fault where the body breaks off, as it would over a connection.
            await output.CompleteAsync(new IOException("the answer broke off: " + fault.Message, fault));
        }
    }

    /// <summary>Ends the writing side when the answer is disposed.</summary>
    private sealed class Ending(CancellationTokenSource end, Task writing) : IDisposable
    {
        public void Dispose()
        {
            end.Cancel();
            writing.ContinueWith(
                static (_, source) => ((CancellationTokenSource)source!).Dispose(),
                end,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
