// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Trust;

/// <summary>A real nginx that demands client certificates, with files that follow a Secret as a mounted one does; reloaded at changes.</summary>
internal sealed class FollowingNginx : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Func<Task<HeldCertificate?>> _read;
    private readonly ServerProcess _process;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _follow;
    private HeldCertificate _written;

    private FollowingNginx(string folder, Func<Task<HeldCertificate?>> read, ServerProcess process, HeldCertificate written)
    {
        (_folder, _read, _process, _written) = (folder, read, process, written);
        _follow = FollowAsync();
    }

    public int Reloads { get; private set; }

    public static async Task<FollowingNginx> StartAsync(string folder, Func<Task<HeldCertificate?>> read)
    {
        var held = await read() ?? throw new InvalidOperationException("there is no certificate for nginx");
        await WriteAsync(folder, held);
        var port = Ports.Free();
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; pid {{folder}}/nginx.pid; error_log {{folder}}/error.log; worker_processes 1;
            events { worker_connections 256; }
            http {
              access_log off; client_body_temp_path {{folder}}/t1; proxy_temp_path {{folder}}/t2; fastcgi_temp_path {{folder}}/t3;
              uwsgi_temp_path {{folder}}/t4; scgi_temp_path {{folder}}/t5;
              server {
                listen 127.0.0.1:{{port}} ssl; ssl_certificate tls.crt; ssl_certificate_key tls.key;
                ssl_client_certificate ca.crt; ssl_verify_client on; ssl_verify_depth 3; ssl_session_tickets off; ssl_session_cache off;
                location / { return 200 "$ssl_client_s_dn\n"; }
              }
            }
            """);
        var process = ServerProcess.Start(Program, ["-p", folder, "-c", "nginx.conf"]);
        await File.WriteAllTextAsync(Path.Combine(folder, "port"), $"{port}");
        await process.WaitUntilAsync(async () => (await Tool.RunAsync("curl", ["-sk", "-o", "/dev/null", $"https://127.0.0.1:{port}/"])).ExitCode == 0);
        return new(folder, read, process, held);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _follow;
        await _process.DisposeAsync();
        _stop.Dispose();
    }

    // Debian keeps it where only root has it on the path.
    private static string Program => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    private async Task FollowAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (await _read() is { } held && (held.ChainPem != _written.ChainPem || held.TrustedPem != _written.TrustedPem))
            {
                await WriteAsync(_folder, held);
                (await Tool.RunAsync(Program, ["-p", _folder, "-c", "nginx.conf", "-s", "reload"])).Succeeded();
                _written = held;
                Reloads++;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private static async Task WriteAsync(string folder, HeldCertificate held)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), held.ChainPem);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.key"), held.KeyPem);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), held.TrustedPem);
    }
}
