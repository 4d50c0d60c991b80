// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>A real nginx or haproxy in front of Sealock.</summary>
internal sealed class Balancers : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private Balancers(ServerProcess process) => _process = process;

    /// <summary>An nginx that ends TLS on a port and sends plain HTTP.</summary>
    public static async Task<(Balancers Nginx, int Port)> NginxAsync(BehindBalancer behind)
    {
        var (folder, port) = (behind.Folder, Ports.Free());
        // One process, so that killing it leaves nothing behind.
        await File.WriteAllTextAsync(behind["nginx.conf"], $$"""
            daemon off; master_process off; pid {{folder}}/nginx.pid; error_log {{folder}}/nginx.log; worker_processes 1;
            events { worker_connections 256; }
            http {
              access_log off; client_body_temp_path {{folder}}/t1; proxy_temp_path {{folder}}/t2; fastcgi_temp_path {{folder}}/t3;
              uwsgi_temp_path {{folder}}/t4; scgi_temp_path {{folder}}/t5;
              server {
                listen 127.0.0.1:{{port}} ssl http2; ssl_certificate balancer.crt; ssl_certificate_key balancer.key;
                location / {
                  proxy_pass http://127.0.0.1:{{behind.Port}};
                  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 3600;
                  proxy_set_header Host $http_host;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Forwarded-Host $http_host;
                }
              }
            }
            """);
        var process = ServerProcess.Start(
            File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx", ["-p", folder, "-c", "nginx.conf"]);
        await AnswersAsync(process, port);
        return (new(process), port);
    }

    /// <summary>A haproxy with the given frontends; the last one has to answer health checks over TLS.</summary>
    public static async Task<Balancers> HaproxyAsync(BehindBalancer behind, string frontends, int lastPort)
    {
        await File.WriteAllTextAsync(behind["haproxy.cfg"], $"""
            global
              maxconn 512
            defaults
              timeout connect 10s
              timeout client 60s
              timeout server 60s
            {frontends}

            """);
        var process = ServerProcess.Start(
            File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : "haproxy", ["-db", "-f", behind["haproxy.cfg"]]);
        await AnswersAsync(process, lastPort);
        return new(process);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static Task AnswersAsync(ServerProcess process, int port) => process.WaitUntilAsync(async () =>
        (await Tool.RunAsync("curl", ["-skf", "-o", "/dev/null", $"https://127.0.0.1:{port}/healthz"])).ExitCode == 0);
}
